package dev.toolpost.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes files that must not be there yet. */
final class NewFile {
    private NewFile() {}

    static void write(Path file, String text) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException there) {
            throw CliException.usage("the file " + file + " is there already", "Name another with --out.", there);
        } catch (IOException e) {
            throw CliException.usage(file + " cannot be written: " + e, "", e);
        }
    }
}
