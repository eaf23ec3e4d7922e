package dev.toolpost.worker;

import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.KeySource;
import dev.toolpost.worker.credentials.LocalCredentialStore;
import dev.toolpost.worker.credentials.VaultCredentialStore;
import dev.toolpost.worker.credentials.VaultTls;
import dev.toolpost.worker.vault.VaultClient;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.Executors;

/** Opens the credential store that a configuration names. */
final class CredentialStores {

    private CredentialStores() {}

    static CredentialStore open(ToolpostConfig.Credentials config, Map<String, String> environment) {
        ToolpostConfig.Vault vault = config.vault();
        return vault == null
                ? LocalCredentialStore.open(config.file(), KeySource.from(environment, config.keyFile()))
                : open(vault);
    }

    private static CredentialStore open(ToolpostConfig.Vault config) {
        ToolpostConfig.Tls tls = config.tls();
        // One connection a request at a time; proxies and agents in front of Vault fail at the upgrade to HTTP/2.
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.server().timeout())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(VaultTls.context(tls.authorities(), tls.certificate(), tls.key()))
                .build();
        return new VaultCredentialStore(
                VaultClient.open(config.server(), http, new SecureRandom()),
                config.mount(),
                config.prefix(),
                config.cacheTtl(),
                config.cacheSize(),
                System::nanoTime);
    }
}
