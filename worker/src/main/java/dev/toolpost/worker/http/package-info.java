/** One exchange with a vendor over HTTP: hard total deadline, size caps, checked addresses, no redirects, retries or cookies. */
@NullMarked
package dev.toolpost.worker.http;

import org.jspecify.annotations.NullMarked;
