package dev.toolpost.worker.http;

import dev.toolpost.worker.http.HttpOutcome.Answered;
import dev.toolpost.worker.http.HttpOutcome.NotSent;
import dev.toolpost.worker.http.HttpOutcome.TooLarge;
import dev.toolpost.worker.http.HttpOutcome.Unanswered;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to vendors. An exchange blocks its (virtual) thread and ends by its deadline whatever the vendor does:
 * name lookup, waiting for a connection, connect, handshake, sending, head and body all count against it. There are no
 * redirects, no retries, no cookies and no authentication but what the request carries.
 *
 * <p>A failure says whether the vendor can have seen the request. Only a request that no connection was ever handed is
 * {@link NotSent}; from the first attempt to write it, whatever then goes wrong, it is {@link Unanswered}. That includes
 * a kept-alive connection that the vendor closed just then: nothing proves that it had not read the request.
 *
 * <p>A request with a client certificate goes over connections that were made with it, which carry no others.
 *
 * <p>Thread-safe. HTTP/1.1 (RFC 9112), with and without TLS.
 */
public final class VendorHttp implements AutoCloseable {

    private static final long LONGEST_EXCHANGE_NANOS = TimeUnit.DAYS.toNanos(8);
    private static final int MAX_HEADERS = 256;

    /** A connection has three of them. Long bodies pass them by, so that larger ones would only fill the heap: the client's own are 32 KiB. */
    private static final int BUFFER_BYTES = 4 << 10;

    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final VendorHttpSettings settings;
    private final VendorPool shared;
    private final CertificatePools personal;
    private final VendorAddresses addresses;
    private final DeadlineWatch deadlines = new DeadlineWatch();

    public VendorHttp(VendorHttpSettings settings) {
        this.settings = settings;
        this.addresses = new VendorAddresses(settings.addresses(), settings.lookup());
        Http1Config http1 = Http1Config.custom()
                .setBufferSize(BUFFER_BYTES)
                .setMaxHeaderCount(MAX_HEADERS)
                .setMaxLineLength(MAX_HEADER_BYTES)
                .build();
        this.shared = open(http1, null);
        this.personal = new CertificatePools(
                certificate -> open(http1, certificate), settings.idleTimeout().toNanos());
    }

    private VendorPool open(Http1Config http1, @Nullable ClientCertificate certificate) {
        return VendorPool.open(
                settings,
                addresses,
                http1,
                new HandingOver(http1),
                this::exchangeWhole,
                Timeout.ofNanoseconds(LONGEST_EXCHANGE_NANOS),
                certificate,
                certificate == null);
    }

    /**
     * Sends a request and reads the whole answer.
     *
     * @param deadlineNanos when the exchange must be over, in nanoseconds of {@link System#nanoTime()}
     */
    public HttpOutcome exchange(VendorRequest request, long deadlineNanos) {
        long startNanos = System.nanoTime();
        long latest = startNanos + LONGEST_EXCHANGE_NANOS;
        long deadline = deadlineNanos - latest > 0 ? latest : deadlineNanos;
        String refusal = refusal(request.address().server());
        if (refusal != null) {
            return new NotSent(HttpOutcome.NotSentCause.REFUSED, refusal, null, since(startNanos));
        }
        if (deadline - startNanos <= 0) {
            return new NotSent(
                    HttpOutcome.NotSentCause.DEADLINE, "the deadline had passed already", null, Duration.ZERO);
        }
        String target = request.address().target();
        String shown = request.masked(target);
        Exchange exchange = new Exchange(toApache(request, shown), deadline);
        deadlines.start(exchange);
        try {
            ScopedValue.Carrier values = ScopedValue.where(VendorAddresses.DEADLINE, deadline);
            if (!shown.equals(target)) {
                values = values.where(VendorConnection.REAL_PATH, target);
            }
            return values.call(() -> send(exchange, request, startNanos));
        } finally {
            deadlines.end(exchange);
        }
    }

    private HttpOutcome send(Exchange exchange, VendorRequest request, long startNanos) {
        ClientCertificate certificate = request.certificate();
        if (certificate == null) {
            return send(shared, exchange, request, startNanos);
        }
        VendorPool own = personal.enter(certificate);
        try {
            return send(own, exchange, request, startNanos);
        } finally {
            personal.leave(certificate);
        }
    }

    private HttpOutcome send(VendorPool pool, Exchange exchange, VendorRequest request, long startNanos) {
        try {
            ClassicHttpResponse response =
                    pool.client().executeOpen(host(request.address().server()), exchange.request, exchange);
            ResponseHeaders headers = headers(response);
            byte[] raw = exchange.raw;
            ContentDecoding.Decoded decoded =
                    raw == null ? null : ContentDecoding.decode(raw, headers, settings.maxBodyBytes());
            if (decoded == null) {
                return new TooLarge(response.getCode(), headers, settings.maxBodyBytes(), since(startNanos));
            }
            return new Answered(response.getCode(), decoded.headers(), decoded.body(), since(startNanos));
        } catch (IOException e) {
            return failure(exchange, e, startNanos);
        } catch (RuntimeException e) {
            // A deadline in the middle of connecting shows as an illegal state of the client.
            if (!exchange.handedOver && !exchange.expired) {
                throw e;
            }
            return failure(exchange, e, startNanos);
        }
    }

    /**
     * Stands where the client has its stage for authentication, which costs every exchange much and is nothing that we use: reads
     * the answer to its end and gives the connection back, or closes it where the answer is not read to its end.
     */
    private ClassicHttpResponse exchangeWhole(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        ClassicHttpResponse response = chain.proceed(request, scope);
        Exchange exchange = (Exchange) scope.clientContext;
        try {
            exchange.raw = read(response.getEntity());
        } finally {
            if (exchange.raw == null) {
                scope.execRuntime.discardEndpoint();
            } else {
                scope.execRuntime.releaseEndpoint();
            }
        }
        return response;
    }

    private byte @Nullable [] read(@Nullable HttpEntity entity) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        if (entity.getContentLength() > settings.maxBodyBytes()) {
            return null;
        }
        return CappedRead.all(entity.getContent(), entity.getContentLength(), settings.maxBodyBytes());
    }

    private static HttpOutcome failure(Exchange exchange, Exception e, long startNanos) {
        Duration took = since(startNanos);
        boolean late = exchange.expired || exchange.deadlineNanos - System.nanoTime() <= 0;
        if (!exchange.handedOver) {
            if (e instanceof AddressRefusedException) {
                return new NotSent(HttpOutcome.NotSentCause.REFUSED, message(e), e, took);
            }
            return late
                    ? new NotSent(
                            HttpOutcome.NotSentCause.DEADLINE,
                            "no connection to the vendor within " + took.toMillis() + " ms",
                            e,
                            took)
                    : new NotSent(HttpOutcome.NotSentCause.UNREACHABLE, message(e), e, took);
        }
        if (late) {
            return new Unanswered(
                    HttpOutcome.UnansweredCause.DEADLINE,
                    "no complete answer within " + took.toMillis() + " ms",
                    e,
                    took);
        }
        if (e instanceof IOException && !isProtocolProblem(e)) {
            return new Unanswered(HttpOutcome.UnansweredCause.BROKEN, message(e), e, took);
        }
        return new Unanswered(HttpOutcome.UnansweredCause.NOT_HTTP, message(e), e, took);
    }

    private static boolean isProtocolProblem(Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof HttpException
                    || at instanceof MessageConstraintException
                    || at instanceof MalformedChunkCodingException) {
                return true;
            }
        }
        return false;
    }

    private static String message(Throwable e) {
        String kind =
                e instanceof InterruptedIOException ? "timeout" : e.getClass().getSimpleName();
        return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
    }

    private static @Nullable String refusal(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            return "scheme " + uri.getScheme() + " (expected: https or http)";
        }
        if (uri.getHost() == null) {
            return "the URL names no valid host";
        }
        if (uri.getRawUserInfo() != null) {
            return "the URL holds user information (expected: credentials in the connection)";
        }
        if (uri.getPort() == 0 || uri.getPort() > 0xffff) {
            return "port " + uri.getPort() + " (expected: 1 to 65535)";
        }
        return null;
    }

    private static HttpHost host(URI uri) {
        return new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
    }

    /** @param shown path and query as logs may have them */
    private static HttpUriRequestBase toApache(VendorRequest request, String shown) {
        HttpUriRequestBase apache =
                new HttpUriRequestBase(request.method(), request.address().server());
        apache.setPath(shown);
        boolean encodingChosen = false;
        for (Map.Entry<String, String> header : request.headers()) {
            apache.addHeader(header.getKey(), header.getValue());
            encodingChosen |= header.getKey().equalsIgnoreCase("Accept-Encoding");
        }
        if (!encodingChosen) {
            apache.addHeader("Accept-Encoding", ContentDecoding.ACCEPTED);
        }
        byte[] body = request.body();
        if (body != null) {
            apache.setEntity(new ByteArrayEntity(body, null));
        }
        return apache;
    }

    private static ResponseHeaders headers(ClassicHttpResponse response) {
        Header[] all = response.getHeaders();
        List<Map.Entry<String, String>> entries = new ArrayList<>(all.length);
        for (Header header : all) {
            entries.add(Map.entry(header.getName(), header.getValue() == null ? "" : header.getValue()));
        }
        return ResponseHeaders.of(entries);
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** Exchanges under way. */
    public int underWay() {
        return deadlines.size();
    }

    /** Pools of connections with a client certificate. */
    int certificatePools() {
        return personal.size();
    }

    /** Closes every connection; exchanges under way end as broken. */
    @Override
    public void close() {
        shared.close();
        personal.close();
        addresses.close();
        deadlines.close();
    }

    /** One exchange under way; travels through the client as its context. */
    private static final class Exchange extends HttpClientContext implements DeadlineWatch.Timed {

        private final HttpUriRequestBase request;
        private final long deadlineNanos;

        /** Written by the exchange's own thread only, before the first byte can go out. */
        private boolean handedOver;

        /** The whole body as it was sent; null where there is none yet, or it is too large. The exchange's own thread only. */
        private byte @Nullable [] raw;

        private volatile boolean expired;

        Exchange(HttpUriRequestBase request, long deadlineNanos) {
            this.request = request;
            this.deadlineNanos = deadlineNanos;
        }

        @Override
        public long deadlineNanos() {
            return deadlineNanos;
        }

        @Override
        public void expire() {
            expired = true;
            request.cancel();
        }
    }

    /** The one place through which a request reaches a connection; notes it before anything is written. */
    private static final class HandingOver extends HttpRequestExecutor {

        HandingOver(Http1Config http1) {
            super(http1, null, null);
        }

        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                HttpResponseInformationCallback informationCallback,
                HttpContext context)
                throws IOException, HttpException {
            ((Exchange) context).handedOver = true;
            return super.execute(request, connection, informationCallback, context);
        }
    }
}
