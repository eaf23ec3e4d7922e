package dev.toolpost.scheduler.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** What the instance that works on a state directory is called, for as long as the directory is there. */
public final class InstanceId {

    private static final String FILE = "instance-id";

    private InstanceId() {}

    /**
     * Reads it, or gives one where there is none.
     *
     * @throws IOException where the directory cannot be read or written
     */
    public static String of(Path stateDirectory) throws IOException {
        Path file = stateDirectory.resolve(FILE);
        try {
            return UUID.fromString(Files.readString(file).strip()).toString();
        } catch (NoSuchFileException | IllegalArgumentException none) {
            String given = UUID.randomUUID().toString();
            Path written =
                    Files.writeString(Files.createDirectories(stateDirectory).resolve(FILE + ".new"), given);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return given;
        }
    }
}
