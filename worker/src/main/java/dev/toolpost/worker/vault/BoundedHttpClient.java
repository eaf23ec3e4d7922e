package dev.toolpost.worker.vault;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The pooled client, with what the driver cannot ask of it: a bound on the whole exchange, where the platform's own ends
 * at the headers; a bound on the answer's size; and a look at one header. Thread-safe.
 */
final class BoundedHttpClient extends HttpClient {

    /** Secrets and lists of them: 100,000 names fit. */
    private static final long MOST_BYTES = 16L << 20;

    static final ScopedValue<Exchange> EXCHANGE = ScopedValue.newInstance();

    private final HttpClient pooled;

    BoundedHttpClient(HttpClient pooled) {
        this.pooled = pooled;
    }

    /** One request of the thread that sends it. */
    static final class Exchange {
        private final Duration bound;
        private boolean sent;
        private @Nullable String retryAfter;

        Exchange(Duration bound) {
            this.bound = bound;
        }

        /** Whether the client was asked to send it at all. */
        boolean sent() {
            return sent;
        }

        @Nullable
        String retryAfter() {
            return retryAfter;
        }
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        Exchange exchange = EXCHANGE.get();
        exchange.sent = true;
        CompletableFuture<HttpResponse<T>> answer =
                pooled.sendAsync(request, BodyHandlers.limiting(handler, MOST_BYTES));
        try {
            HttpResponse<T> response = answer.get(exchange.bound.toNanos(), TimeUnit.NANOSECONDS);
            exchange.retryAfter = response.headers().firstValue("Retry-After").orElse(null);
            return response;
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new HttpTimeoutException("no complete answer within " + exchange.bound.toMillis() + " ms");
        } catch (InterruptedException interrupted) {
            answer.cancel(true);
            throw interrupted;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) {
                throw broken;
            }
            throw new IOException(failed.getCause());
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return pooled.sendAsync(request, handler);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, HttpResponse.@Nullable PushPromiseHandler<T> pushPromises) {
        return pooled.sendAsync(request, handler, pushPromises);
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return pooled.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return pooled.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return pooled.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return pooled.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return pooled.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return pooled.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return pooled.authenticator();
    }

    @Override
    public Version version() {
        return pooled.version();
    }

    @Override
    public Optional<Executor> executor() {
        return pooled.executor();
    }
}
