package dev.toolpost.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The directory in which {@code toolpost dev} keeps its state: topics, schemas, connections, and the configuration file that
 * the other commands find by themselves.
 *
 * @param directory absolute
 */
record DevHome(Path directory) {
    /** Where it is unless told otherwise, in the directory in which {@code dev} was started. */
    static final Path USUAL = Path.of(".toolpost", "dev");

    private static final String CONFIG = "toolpost.yaml";
    private static final String WORKER = "worker.url";
    private static final String SCHEDULER = "scheduler.url";

    DevHome {
        directory = directory.toAbsolutePath().normalize();
    }

    /** The configuration of the nearest {@code dev}: in this directory or one above it; null if there is none. */
    static @Nullable Path nearestConfig(Path start) {
        for (Path each = start.toAbsolutePath().normalize(); each != null; each = each.getParent()) {
            Path config = each.resolve(USUAL).resolve(CONFIG);
            if (Files.isRegularFile(config)) {
                return config;
            }
        }
        return null;
    }

    /** Written by {@code dev} whenever it is ready; stays, so that connections can be seen while it does not run. */
    Path config() {
        return directory.resolve(CONFIG);
    }

    /** Where the worker of the {@code dev} that wrote this configuration file is asked how it stands; null where it is of no {@code dev}. */
    static @Nullable URI workerBeside(Path config) {
        return beside(config, WORKER);
    }

    /** Where the scheduler of that {@code dev} is asked; null where it is of no {@code dev}. */
    static @Nullable URI schedulerBeside(Path config) {
        return beside(config, SCHEDULER);
    }

    private static @Nullable URI beside(Path config, String name) {
        Path file = config.resolveSibling(name);
        try {
            return Files.isRegularFile(file) ? URI.create(Files.readString(file).strip()) : null;
        } catch (IOException | IllegalArgumentException unreadable) {
            return null;
        }
    }

    /** Leaves the address of the worker's health endpoint for {@code toolpost limits}. */
    void worker(URI health) {
        leave(WORKER, health);
    }

    /** Leaves the address of the scheduler for {@code toolpost jobs} and {@code toolpost schedules}. */
    void scheduler(URI url) {
        leave(SCHEDULER, url);
    }

    private void leave(String name, URI url) {
        try {
            Files.writeString(directory.resolve(name), url + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + directory.resolve(name) + " cannot be written", e);
        }
    }

    /** State of the scheduler. */
    Path scheduler() {
        return directory.resolve("scheduler");
    }

    /** State of a scheduler that is started beside {@code dev}. */
    Path secondScheduler() {
        return directory.resolve("scheduler-2");
    }

    Path kafka() {
        return directory.resolve("kafka");
    }

    Path registry() {
        return directory.resolve("registry");
    }

    Path credentials() {
        return directory.resolve("credentials");
    }

    Path credentialsKey() {
        return directory.resolve("credentials.key");
    }

    /** Connectors of one's own, where no other directory is configured. */
    Path connectors() {
        return directory.resolve("connectors");
    }

    /** Signs what is published here. */
    Path signingKey() {
        return directory.resolve("connectors.key");
    }

    Path cursorKeys() {
        return directory.resolve("cursor.keys");
    }

    /** Locked by the one {@code dev} that may use the directory. */
    Path lock() {
        return directory.resolve("lock");
    }
}
