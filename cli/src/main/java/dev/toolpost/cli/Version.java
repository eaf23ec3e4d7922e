package dev.toolpost.cli;

import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code toolpost version}: the version of Toolpost and of the Java it runs on. */
@Command(name = "version", description = "Prints the version of Toolpost and of the Java it runs on.")
final class Version implements IVersionProvider, Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().getOut().println(text());
    }

    @Override
    public String[] getVersion() {
        return new String[] {text()};
    }

    private static String text() {
        String version =
                Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "(not packaged)");
        return "toolpost " + version + " (Java " + Runtime.version() + ")";
    }
}
