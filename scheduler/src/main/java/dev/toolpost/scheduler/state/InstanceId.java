package dev.toolpost.scheduler.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Under what name the group knows an instance again that comes back: as long as its state directory is there, others reach it at the same address
 * and its topology is the same. Where one of these changed, the group must place the work anew and tell the others, which it does for a member
 * that it does not know.
 */
public final class InstanceId {

    private static final String FILE = "instance-id";

    private InstanceId() {}

    /**
     * Reads what the directory holds, or gives it a name where there is none.
     *
     * @param address where others reach it
     * @param topology what of it makes work that a group places
     * @throws IOException where the directory cannot be read or written
     */
    public static String of(Path stateDirectory, String address, String topology) throws IOException {
        return ofDirectory(stateDirectory) + "-" + HexFormat.of().toHexDigits((address + " " + topology).hashCode());
    }

    private static String ofDirectory(Path stateDirectory) throws IOException {
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
