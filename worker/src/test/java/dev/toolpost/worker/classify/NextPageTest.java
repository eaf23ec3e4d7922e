package dev.toolpost.worker.classify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.classify.Verdict.Failed;
import dev.toolpost.worker.classify.Verdict.Failure;
import dev.toolpost.worker.classify.Verdict.Success;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.HttpOutcome.Answered;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.CanonicalJson;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Walks lists of every kind of paging through request and answer, as the worker does. */
class NextPageTest {

    private static final Connector PAGES = new ConnectorLoader().load("pages.yaml", """
            vendor: pages
            title: Pages
            base_url: https://api.pages.example:8443/v1
            auth:
              - { kind: bearer }
              - { kind: api_key_query, name: apiKey }
              - { kind: oauth2, token_url: "https://auth.pages.example/token" }
            errors:
              rules:
                - { when: { status: 400, body: { /0/errorCode: INVALID_QUERY_LOCATOR } }, means: INVALID_CURSOR }
            tools:
              cursor:
                description: A list by cursor with a flag.
                effect: read
                request: { path: /list }
                paging: { kind: cursor, records: /r, next: /next, cursor: { query: after }, more: /more }
              offset:
                description: A list by offset with total and flag.
                effect: read
                request: { path: /list }
                paging:
                  { kind: offset, records: /values, offset: { query: startAt }, total: /total, done: /isLast, page_size: { query: max, default: 3, max: 5 } }
              bare:
                description: A list by offset that is the body itself.
                effect: read
                request: { path: /list }
                paging: { kind: offset, records: "", offset: { query: skip }, page_size: { query: take, default: 3, max: 5 } }
              patchy:
                description: A list by offset whose pages are filled in part.
                effect: read
                request: { path: /list }
                paging: { kind: offset, records: "", offset: { query: skip }, short_page_ends: false, page_size: { query: take, default: 3, max: 5 } }
              inbody:
                description: A list by offset in the body.
                effect: read
                request: { method: POST, path: /list, body: { a: 1 } }
                paging: { kind: offset, records: /r, offset: { body: /page/from }, first: 1, total: /total }
              numbered:
                description: A list by page number.
                effect: read
                request: { path: /list }
                paging: { kind: page, records: /r, page: { query: page }, total_pages: /pages, page_size: { query: size, default: 3, max: 5 } }
              flagged:
                description: A list by page number with a flag.
                effect: read
                request: { path: /list }
                paging: { kind: page, records: /r, page: { query: page }, more: /more }
              link:
                description: A list by links in the body.
                effect: read
                request: { path: /list, query: { sort: id } }
                paging: { kind: next_link, records: /records, next: /next, done: /done, page_size: { header: X-Options, prefix: "batchSize=", min: 2, max: 9 } }
              header:
                description: A list by links in the header.
                effect: read
                request: { path: /list }
                paging: { kind: link_header, records: "", page_size: { query: per_page, default: 3, max: 5 } }
            """);

    private static final ConnectionRecord CONNECTION = ConnectionRecord.of("tenant", "conn", "pages", "bearer");
    private static final Secret TOKEN = Secret.of("token", "canary");

    private static Tool tool(String key) {
        return Objects.requireNonNull(PAGES.tools().get("pages_" + key), key);
    }

    private static VendorRequest request(String key, @Nullable String place) {
        try {
            return RequestBuilder.build(
                    PAGES,
                    tool(key),
                    CanonicalJson.parse("{}"),
                    CONNECTION,
                    RequestBuilder.baseUrl(PAGES, tool(key), CONNECTION),
                    TOKEN,
                    place,
                    null,
                    null);
        } catch (RequestProblemException problem) {
            throw new AssertionError(problem);
        }
    }

    private static Verdict answer(String key, @Nullable String place, String body, String... headers) {
        AskedPage asked = AskedPage.of(tool(key), request(key, place), CanonicalJson.parse("{}"), place, null);
        Answered answered = new Answered(200, ResponseHeaders.of(headers), body.getBytes(UTF_8), Duration.ofMillis(5));
        return Classifier.classify(PAGES, tool(key), answered, asked, Instant.EPOCH);
    }

    private static @Nullable String next(String key, @Nullable String place, String body, String... headers) {
        return ((Success) answer(key, place, body, headers)).nextCursor();
    }

    private static String problem(String key, @Nullable String place, String body, String... headers) {
        Verdict verdict = answer(key, place, body, headers);
        VendorError error = ((Failure) verdict).error();
        assertThat(error.code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
        return error.message();
    }

    /** The URLs that a whole list is fetched from, given its answers in turn. */
    private static List<String> walk(String key, String... bodies) {
        List<String> asked = new ArrayList<>();
        String place = null;
        for (String body : bodies) {
            asked.add(request(key, place).uri().toString().replace("https://api.pages.example:8443", ""));
            place = next(key, place, body);
        }
        assertThat(place).as("place after the last page").isNull();
        return asked;
    }

    @Test
    void aCursorsFlagDecidesBeforeTheCursor() {
        assertThat(next("cursor", null, "{\"r\":[1],\"next\":\"a\",\"more\":true}"))
                .isEqualTo("a");
        assertThat(next("cursor", "a", "{\"r\":[1],\"next\":\"b\",\"more\":false}"))
                .isNull();
        assertThat(next("cursor", "a", "{\"r\":[],\"next\":\"b\",\"more\":null}"))
                .isEqualTo("b");
        assertThat(next("cursor", "a", "{\"r\":[]}")).isNull();
        assertThat(problem("cursor", "a", "{\"r\":[1],\"more\":true}")).contains("says that there is more");
        assertThat(problem("cursor", "a", "{\"r\":[1],\"more\":\"yes\"}")).contains("no boolean");
        assertThat(problem("cursor", "a", "{\"r\":[1],\"next\":\"a\"}")).contains("never end");
    }

    @Test
    void anEmptyPageInTheMiddleOfACursorsListIsNotItsEnd() {
        assertThat(walk("cursor", "{\"r\":[],\"next\":\"a\"}", "{\"r\":[1],\"next\":\"b\"}", "{\"r\":[]}"))
                .containsExactly("/v1/list", "/v1/list?after=a", "/v1/list?after=b");
    }

    @Test
    void anOffsetGoesOnByWhatCameSoThatALoweredPageLosesNothing() {
        assertThat(walk(
                        "offset",
                        "{\"values\":[1,2],\"total\":6}",
                        "{\"values\":[3],\"total\":6}",
                        "{\"values\":[4,5,6],\"total\":6}"))
                .containsExactly("/v1/list?max=3", "/v1/list?max=3&startAt=2", "/v1/list?max=3&startAt=3");
    }

    @Test
    void anOffsetsListEndsByFlagThenByTotalThenByAnEmptyPage() {
        assertThat(next("offset", "3", "{\"values\":[1,2,3],\"total\":90,\"isLast\":true}"))
                .isNull();
        assertThat(next("offset", "3", "{\"values\":[1,2,3],\"total\":6,\"isLast\":false}"))
                .isEqualTo("6");
        assertThat(next("offset", "3", "{\"values\":[1,2,3],\"total\":6}")).isNull();
        assertThat(next("offset", "3", "{\"values\":[1,2],\"total\":\"6\"}")).isEqualTo("5");
        assertThat(next("offset", "3", "{\"values\":[],\"total\":90}")).isNull();
        assertThat(next("offset", "3", "{\"values\":[1]}")).isNull();
        assertThat(problem("offset", "3", "{\"values\":[],\"isLast\":false}")).contains("no records");
    }

    @Test
    void aBareListEndsByAShortPageUnlessItsPagesAreFilledInPart() {
        assertThat(walk("bare", "[1,2,3]", "[4,5,6]", "[7]"))
                .containsExactly("/v1/list?take=3", "/v1/list?take=3&skip=3", "/v1/list?take=3&skip=6");
        assertThat(walk("bare", "[1,2,3]", "[]")).hasSize(2);
        assertThat(walk("patchy", "[1]", "[2,3]", "[4]", "[]"))
                .containsExactly(
                        "/v1/list?take=3",
                        "/v1/list?take=3&skip=1",
                        "/v1/list?take=3&skip=3",
                        "/v1/list?take=3&skip=4");
    }

    @Test
    void anOffsetInTheBodyStartsWhereTheVendorCountsFrom() {
        assertThat(next("inbody", null, "{\"r\":[1,2],\"total\":4}")).isEqualTo("3");
        assertThat(new String(Objects.requireNonNull(request("inbody", "3").body()), UTF_8))
                .isEqualTo("{\"a\":1,\"page\":{\"from\":3}}");
        assertThat(next("inbody", "3", "{\"r\":[3,4],\"total\":4}")).isNull();
    }

    @Test
    void pagesAreNumberedAndKeepTheSizeTheyWereAskedWith() {
        assertThat(walk(
                        "numbered",
                        "{\"r\":[1,2,3],\"pages\":3}",
                        "{\"r\":[4],\"pages\":3}",
                        "{\"r\":[5,6,7],\"pages\":3}"))
                .containsExactly("/v1/list?size=3", "/v1/list?size=3&page=2", "/v1/list?size=3&page=3");
        assertThat(next("numbered", "2:5", "{\"r\":[1,2,3,4,5]}")).isEqualTo("3:5");
        assertThat(request("numbered", "3:5").uri().getRawQuery()).isEqualTo("size=5&page=3");
        assertThat(next("numbered", "2:5", "{\"r\":[1,2,3,4]}")).isNull();
        assertThat(next("numbered", "2:5", "{\"r\":[],\"pages\":9}")).isNull();
        assertThat(next("flagged", null, "{\"r\":[],\"more\":true}")).isEqualTo("2");
        assertThat(next("flagged", "2", "{\"r\":[1],\"more\":false}")).isNull();
    }

    @Test
    void aLinkOfTheBodyIsFetchedAsItIsFromTheConnectionsOwnOrigin() {
        String page = "{\"done\":false,\"next\":\"/services/query/01g-2000?x=%2F\",\"records\":[1]}";

        assertThat(next("link", null, page)).isEqualTo("/services/query/01g-2000?x=%2F");
        VendorRequest followed = request("link", "/services/query/01g-2000?x=%2F");
        assertThat(followed.method()).isEqualTo("GET");
        assertThat(followed.uri().toString()).isEqualTo("https://api.pages.example:8443/services/query/01g-2000?x=%2F");
        assertThat(followed.headers())
                .anySatisfy(header -> assertThat(header.toString()).isEqualTo("X-Options=batchSize=9"));
        assertThat(next("link", "/a", "{\"done\":true,\"next\":null,\"records\":[1]}"))
                .isNull();
        assertThat(next("link", "/a", "{\"records\":[1]}")).isNull();
        assertThat(problem("link", "/a", "{\"done\":false,\"records\":[1]}")).contains("says that there is more");
        assertThat(problem("link", "/a?b", "{\"next\":\"/a?b\",\"records\":[1]}"))
                .contains("never end");
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.pages.example:8443/v1/list?page=2, /v1/list?page=2",
        "HTTPS://API.pages.EXAMPLE:8443/v1/list?page=2#end, /v1/list?page=2",
        "//api.pages.example:8443/x, /x",
        "/x/../y?z, /y?z",
        "?page=2, /v1/list?page=2",
        "more/2, /v1/more/2",
        "'./list?q[a]=1', '/v1/list?q[a]=1'",
        "https://api.pages.example:8443?page=2, /?page=2",
        "/list?apiKey=canary&page=2, /list?page=2",
        "/list?page=2&apiKey=canary, /list?page=2",
        "/list?apiKey=canary, /list",
        "/ä?ö=1, /%C3%A4?%C3%B6=1",
        "/../../x, /x",
        "../../../g?y/../z, /g?y/../z",
        "/x/%2e%2E/./y/., /y/",
    })
    void linksAreReducedToPathAndQueryWithoutTheKey(String link, String place) {
        assertThat(next("link", null, "{\"next\":\"" + link + "\",\"records\":[1]}"))
                .isEqualTo(place);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/v1/list",
                "http://api.pages.example:8443/v1/list",
                "https://api.pages.example/v1/list",
                "https://api.pages.example:8444/v1/list",
                "https://api.pages.example:8443@evil.example/",
                "https://user@api.pages.example:8443/",
                "https://api.pages.example:8443.evil.example/",
                "//evil.example/x",
                "///evil.example/x",
                "file:///etc/passwd",
                "javascript:alert(1)",
                "mailto:a@b.c",
                "/\\\\\\\\evil.example",
                "https:/\\\\\\\\evil.example",
                "/a b",
                "http://[::1",
                "https://",
            })
    void aLinkToAnotherServerOrToNoneIsNeverFollowed(String link) {
        assertThat(problem("link", null, "{\"next\":\"" + link + "\",\"records\":[1]}"))
                .containsAnyOf("not followed", "no address");
        assertThat(answer("header", null, "[1]", "Link", "<" + link.replace("\\\\", "\\") + ">; rel=next"))
                .as("it would be the same again")
                .isInstanceOf(Failed.class);
    }

    @Test
    void theHeaderLinkIsReadAsTheStandardSays() {
        assertThat(
                        next(
                                "header",
                                null,
                                "[1]",
                                "Link",
                                "<https://api.pages.example:8443/r/7?page=2>; rel=\"next\", <https://api.pages.example:8443/r/7?page=9>; rel=\"last\""))
                .isEqualTo("/r/7?page=2");
        for (String field : List.of(
                "</n>;rel=next",
                " , </p>; rel=prev ,</n> ; REL = \"last NEXT\" ; title=\"a, b; \\\" <c>\",",
                "</n>; title*=UTF-8''x; rel=\"http://a/b next\"",
                "</n>; rel=next; rel=prev",
                "</n>; crossorigin; rel=next")) {
            assertThat(next("header", null, "[1]", "Link", field)).as(field).isEqualTo("/n");
        }
        assertThat(next("header", null, "[1]", "Link", "</p>; rel=prev", "Link", "</n>; rel=next"))
                .isEqualTo("/n");
        assertThat(next("header", null, "[1]")).isNull();
        assertThat(next("header", null, "[1]", "Link", "")).isNull();
        assertThat(next("header", null, "[1]", "Link", "</p>; rel=prev")).isNull();
        assertThat(next("header", null, "[1]", "Link", "</n>; rel=next; anchor=\"/other\""))
                .isNull();
        assertThat(next("header", null, "[1]", "Link", "</n>; rel=prev; rel=next"))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/n; rel=next",
                "</n; rel=next",
                "</n>; rel=\"next",
                "</n> rel=next",
                "<",
                "</n>; rel=next, x",
                "</n>; rel=next, </m>; rel=next",
            })
    void aHeaderLinkThatCannotBeReadIsMalformedAndNotTheEnd(String field) {
        assertThat(problem("header", null, "[1]", "Link", field)).contains("header Link");
    }

    @Test
    void aCursorThatTheVendorNoLongerKnowsIsAnInvalidCursor() {
        Answered gone = new Answered(
                400,
                ResponseHeaders.NONE,
                "[{\"message\":\"gone\",\"errorCode\":\"INVALID_QUERY_LOCATOR\"}]".getBytes(UTF_8),
                Duration.ofMillis(5));
        AskedPage asked = new AskedPage(request("link", "/a").uri(), "/a", null);

        Verdict verdict = Classifier.classify(PAGES, tool("link"), gone, asked, Instant.EPOCH);

        assertThat(((Verdict.Failed) verdict).error().code()).isEqualTo(ErrorCode.INVALID_CURSOR);
        assertThat(((Verdict.Failed) verdict).error().remedy()).contains("first page");
    }

    @ParameterizedTest
    @CsvSource({
        "offset, abc",
        "numbered, 1:x",
        "link, //evil.example/",
        "link, https://evil.example/",
        "link, x",
        "link, '/a#b'"
    })
    void aPlaceOfAnotherKindOfListIsAnInvalidCursorAndNothingIsSent(String key, String place) {
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                                RequestProblemException.class,
                                () -> RequestBuilder.build(
                                        PAGES,
                                        tool(key),
                                        CanonicalJson.parse("{}"),
                                        CONNECTION,
                                        "https://api.pages.example:8443/v1",
                                        TOKEN,
                                        place,
                                        null,
                                        null))
                        .code())
                .isEqualTo(ErrorCode.INVALID_CURSOR);
    }

    @Test
    void anAccessTokenOfOAuth2AndAKeyGoAlongWithALink() throws RequestProblemException {
        VendorRequest bearer = RequestBuilder.build(
                PAGES,
                tool("link"),
                CanonicalJson.parse("{}"),
                ConnectionRecord.of("tenant", "conn", "pages", "oauth2"),
                "https://api.pages.example:8443/v1",
                Secret.of("access_token", "canary-access").with("refresh_token", "canary-refresh"),
                "/a",
                null,
                null);
        VendorRequest key = RequestBuilder.build(
                PAGES,
                tool("link"),
                CanonicalJson.parse("{}"),
                ConnectionRecord.of("tenant", "conn", "pages", "api_key_query"),
                "https://api.pages.example:8443/v1",
                Secret.of("key", "canary-key"),
                "/a?b=1",
                null,
                null);

        assertThat(bearer.headers().toString()).contains("Authorization=Bearer canary-access");
        assertThat(key.uri().getRawQuery()).isEqualTo("b=1&apiKey=canary-key");
        for (VendorRequest request : List.of(bearer, key)) {
            assertThat(request.toString()).doesNotContain("canary");
            assertThat(RequestBuilder.redacted(
                                    request, PAGES, ConnectionRecord.of("tenant", "conn", "pages", "api_key_query"))
                            .toString())
                    .doesNotContain("canary");
        }
    }

    @Test
    void recordsOfAPageAreCutOutAsTheVendorSentThem() {
        byte[] page = " {\"x\":[[1]],\"values\" : [ {\"a\": 1.10 , \"b\":\"]\"} ,\"t\\\"x\", 12 ,null,[1, 2]\n] }"
                .getBytes(UTF_8);
        PageRecords records = PageRecords.of(page, tool("offset").paging().records());
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            texts.add(new String(records.record(i), UTF_8));
        }

        assertThat(texts).containsExactly("{\"a\": 1.10 , \"b\":\"]\"}", "\"t\\\"x\"", "12", "null", "[1, 2]");
        assertThat(PageRecords.of(
                                "[{},{}]".getBytes(UTF_8), tool("bare").paging().records())
                        .size())
                .isEqualTo(2);
        assertThat(PageRecords.of("null".getBytes(UTF_8), tool("bare").paging().records())
                        .size())
                .isZero();
    }
}
