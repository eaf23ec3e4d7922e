package dev.toolpost.worker;

import dev.toolpost.connectors.ConnectorException;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.schemas.registry.SchemaRegistry;
import dev.toolpost.worker.config.ConfigException;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The worker as a process of its own: configuration file in, SIGTERM hands everything over in order. */
public final class WorkerMain {

    private WorkerMain() {}

    /**
     * Runs a worker until the process is told to end.
     *
     * @param args {@code --config FILE}, or nothing where environment variables say all
     */
    public static void main(String[] args) throws InterruptedException {
        try {
            Path file = args.length == 2 && args[0].equals("--config") ? Path.of(args[1]) : null;
            run(ToolpostConfig.load(file, System.getenv()));
        } catch (ConfigException | ConnectorException | IllegalStateException | CredentialsUnavailableException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(2);
        }
    }

    /** Works until the process is told to end. */
    public static void run(ToolpostConfig config) throws InterruptedException {
        run(config, worker -> System.out.println("worker " + worker.instance() + " started"));
    }

    /**
     * Works until the process is told to end.
     *
     * @param started told of the worker when it works, which is a moment before it is a member of its groups
     */
    public static void run(ToolpostConfig config, Consumer<Worker> started) throws InterruptedException {
        CredentialStore credentials = credentials(config);
        Worker worker = start(config, credentials);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    worker.close();
                    credentials.close();
                    stopped.countDown();
                }));
        started.accept(worker);
        stopped.await();
    }

    private static Worker start(ToolpostConfig config, CredentialStore credentials) {
        try {
            return Worker.start(config, connectors(config), credentials, registry(config));
        } catch (RuntimeException refused) {
            credentials.close();
            throw refused;
        }
    }

    /** The bundled connectors and those of the configured directories, less the disabled ones and files that cannot be used. */
    public static LiveCatalogue connectors(ToolpostConfig config) {
        return LiveCatalogue.load(
                config.connectors().directories(), config.connectors().disabled(), InstantSource.system());
    }

    /** The credential store that is configured: Vault, or the local file. */
    public static CredentialStore credentials(ToolpostConfig config) {
        return CredentialStores.open(config.credentials(), System.getenv());
    }

    /** The schema registry; null where none is configured. */
    public static @Nullable SchemaRegistry registry(ToolpostConfig config) {
        ToolpostConfig.Registry configured = config.schemaRegistry();
        if (configured == null) {
            return null;
        }
        Map<String, String> settings = new HashMap<>();
        settings.put(
                RegistrySettings.URL,
                configured.urls().stream().map(Object::toString).collect(Collectors.joining(",")));
        ToolpostConfig.BasicAuth auth = configured.basicAuth();
        if (auth != null) {
            settings.put(RegistrySettings.CREDENTIALS_SOURCE, "USER_INFO");
            settings.put(RegistrySettings.USER_INFO, auth.username() + ":" + auth.password());
        }
        return new HttpSchemaRegistry(RegistrySettings.from(settings));
    }
}
