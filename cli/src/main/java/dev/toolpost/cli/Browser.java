package dev.toolpost.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/** The person's browser. */
final class Browser {
    private Browser() {}

    /** Opens a page; false where there is no browser to be had. */
    static boolean open(URI page) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        List<String> command = system.contains("mac")
                ? List.of("open", page.toString())
                : system.contains("win")
                        ? List.of("rundll32", "url.dll,FileProtocolHandler", page.toString())
                        : List.of("xdg-open", page.toString());
        if (command.getFirst().equals("xdg-open")
                && System.getenv("DISPLAY") == null
                && System.getenv("WAYLAND_DISPLAY") == null) {
            return false;
        }
        try {
            Process _ = new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException none) {
            return false;
        }
    }
}
