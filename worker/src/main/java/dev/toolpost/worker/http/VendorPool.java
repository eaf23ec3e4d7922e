package dev.toolpost.worker.http;

import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** An HTTP client with its TCP and TLS connections, which no other pool has a part in. Thread-safe. */
final class VendorPool implements AutoCloseable {

    private final CloseableHttpClient client;
    private final PoolingHttpClientConnectionManager connections;

    private VendorPool(CloseableHttpClient client, PoolingHttpClientConnectionManager connections) {
        this.client = client;
        this.connections = connections;
    }

    /**
     * Opens a pool.
     *
     * @param certificate shown when TLS begins, or null for none
     * @param evicts whether a thread of its own closes connections that were idle for long
     */
    static VendorPool open(
            VendorHttpSettings settings,
            DnsResolver addresses,
            Http1Config http1,
            HttpRequestExecutor executor,
            ExecChainHandler whole,
            Timeout longestWait,
            @Nullable ClientCertificate certificate,
            boolean evicts) {
        PoolingHttpClientConnectionManagerBuilder pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                .setMaxConnPerRoute(settings.connectionsPerHost())
                .setMaxConnTotal(Integer.MAX_VALUE)
                .setDnsResolver(addresses)
                .setConnectionFactory(VendorConnection.factory(http1))
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        // The deadline watch ends every exchange; a second timer for each read would only cost.
                        .setSoTimeout(Timeout.DISABLED)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(settings.connectTimeout()))
                        .setIdleTimeout(Timeout.of(settings.idleTimeout()))
                        .setValidateAfterInactivity(TimeValue.of(settings.validateAfter()))
                        .build());
        if (settings.trust() != null || certificate != null) {
            pool.setTlsSocketStrategy(new DefaultClientTlsStrategy(tls(settings.trust(), certificate)));
        }
        PoolingHttpClientConnectionManager connections = pool.build();
        HttpClientBuilder client = HttpClients.custom()
                .setConnectionManager(connections)
                .setRequestExecutor(executor)
                .replaceExecInterceptor(ChainElement.PROTOCOL.name(), whole)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(longestWait)
                        .setAuthenticationEnabled(false)
                        .setRedirectsEnabled(false)
                        .setContentCompressionEnabled(false)
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent(settings.userAgent())
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling();
        if (evicts) {
            client.evictIdleConnections(TimeValue.of(settings.idleTimeout())).evictExpiredConnections();
        }
        return new VendorPool(client.build(), connections);
    }

    /** A context of its own, so that no TLS session begun with another certificate is resumed. */
    private static SSLContext tls(@Nullable X509TrustManager trust, @Nullable ClientCertificate certificate) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = certificate == null ? null : certificate.keyManagers();
            context.init(keys, trust == null ? null : new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform has no TLS", e);
        }
    }

    CloseableHttpClient client() {
        return client;
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
        connections.close(CloseMode.IMMEDIATE);
    }
}
