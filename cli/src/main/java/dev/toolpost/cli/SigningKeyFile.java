package dev.toolpost.cli;

import dev.toolpost.connectors.signing.SigningKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Keeps the key that signs connectors in a file that only its owner may read. */
final class SigningKeyFile {
    private SigningKeyFile() {}

    /** The key of a file, which is made where it is not there yet. */
    static SigningKey readOrMake(Path file) throws IOException {
        return Files.exists(file) ? read(file) : make(file);
    }

    /** Makes a key in a new file. */
    static SigningKey make(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        boolean posix = directory != null && Files.getFileStore(directory).supportsFileAttributeView("posix");
        FileAttribute<?>[] rights = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createFile(file, rights);
        } catch (FileAlreadyExistsException there) {
            throw CliException.usage(
                    "the file " + file + " is there already",
                    "Name another, or remove it if its key is used nowhere.",
                    there);
        }
        SigningKey key = SigningKey.generate();
        Files.writeString(file, key.pem());
        return key;
    }

    static SigningKey read(Path file) {
        try {
            return SigningKey.read(Files.readString(file));
        } catch (IOException e) {
            throw CliException.usage("the signing key " + file + " cannot be read: " + e, "", e);
        } catch (IllegalArgumentException wrong) {
            throw CliException.usage(
                    "the signing key " + file + " cannot be used: " + wrong.getMessage(),
                    "Make one: toolpost connectors keygen --out FILE",
                    wrong);
        }
    }
}
