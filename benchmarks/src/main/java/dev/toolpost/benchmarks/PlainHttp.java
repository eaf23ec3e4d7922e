package dev.toolpost.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;

/** The HTTP client that a worker uses too, with nothing around it. Thread-safe. */
final class PlainHttp implements AutoCloseable {

    private final CloseableHttpClient client;
    private final String vendor;
    private final String authorization;

    PlainHttp(String vendor, String token, int connections) {
        this.vendor = vendor;
        this.authorization = "Bearer " + token;
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                        .setMaxConnPerRoute(connections)
                        .setMaxConnTotal(connections)
                        .setDefaultSocketConfig(SocketConfig.custom()
                                .setTcpNoDelay(true)
                                .setSoTimeout(Timeout.DISABLED)
                                .build())
                        .build())
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .build();
    }

    /** Fetches the path that a record's value begins with. */
    byte[] fetch(byte[] call) throws IOException {
        return get(new String(call, StandardCharsets.UTF_8).strip());
    }

    byte[] get(String path) throws IOException {
        HttpGet get = new HttpGet(vendor + path);
        get.addHeader("Authorization", authorization);
        get.addHeader("Accept", "application/json");
        return client.execute(get, answer -> {
            byte[] body = EntityUtils.toByteArray(answer.getEntity());
            if (answer.getCode() != 200) {
                throw new IOException("status " + answer.getCode());
            }
            return body;
        });
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
