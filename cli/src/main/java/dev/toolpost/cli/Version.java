package dev.toolpost.cli;

import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** {@code toolpost version}: the version of Toolpost and of the Java it runs on. */
@Command(name = "version", description = "Prints the version of Toolpost and of the Java it runs on.")
final class Version implements IVersionProvider, Runnable {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public void run() {
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("toolpost", toolpost())
                            .put("java", Runtime.version().toString())));
        } else {
            common.out().println(text());
        }
    }

    @Override
    public String[] getVersion() {
        return new String[] {text()};
    }

    private static String text() {
        return "toolpost " + toolpost() + " (Java " + Runtime.version() + ")";
    }

    private static String toolpost() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "(not packaged)");
    }
}
