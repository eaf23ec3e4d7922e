package dev.toolpost.worker.credentials;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Files that only their owner may read. On file systems without POSIX rights the rights are those of the directory. */
final class PrivateFile {

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private PrivateFile() {}

    /** The directory that holds a file. */
    static Path directoryOf(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IllegalArgumentException("file: " + file + " (expected: a file in a directory)");
        }
        return directory;
    }

    /** Creates the directory, for its owner only, if it is not there. */
    static void createDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createDirectories(
                directory, isPosix(parent == null ? directory : parent) ? attribute("rwx------") : none());
    }

    /** Replaces the file as a whole: a crash leaves the old content or the new, and the new one stays when this returned. */
    static void replace(Path file, byte[] content) throws IOException {
        Path directory = directoryOf(file);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        boolean posix = isPosix(directory);
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, posix ? attribute("rw-------") : none());
        try (var out = new FileOutputStream(fresh.toFile())) {
            out.write(content);
            out.getFD().sync();
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (posix) {
            try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /**
     * Checks the rights.
     *
     * @throws CredentialsUnavailableException if others than the owner have rights on the file
     */
    static void requirePrivate(Path file, String what) throws IOException {
        if (!isPosix(file)) {
            return;
        }
        Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
        if (!OWNER_ONLY.containsAll(rights)) {
            throw new CredentialsUnavailableException("rights of the " + what + " " + file + ": "
                    + PosixFilePermissions.toString(rights) + " (expected: rw------- or fewer). Run `chmod 600 " + file
                    + "`, and replace what it protects if others may have read it");
        }
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }

    private static FileAttribute<?>[] attribute(String rights) {
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))};
    }

    private static FileAttribute<?>[] none() {
        return new FileAttribute<?>[0];
    }
}
