"""Reads a list of the simulated vendor page by page on one connection, as a plain script does, and prints pages and seconds."""

import http.client
import json
import sys
import time
import urllib.parse

base, token, start, pages = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
connection = http.client.HTTPConnection(base.hostname, base.port)
headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
after, read, records = None, 0, 0
started = time.perf_counter()
while read < pages:
    path = start + ("&after=" + urllib.parse.quote(after) if after else "")
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        sys.exit(f"status {response.status}: {body[:200]!r}")
    page = json.loads(body)
    read += 1
    records += len(page["results"])
    after = page.get("paging", {}).get("next", {}).get("after")
    if after is None:
        break
print(read, records, time.perf_counter() - started)
