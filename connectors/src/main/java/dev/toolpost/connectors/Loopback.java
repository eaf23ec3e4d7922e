package dev.toolpost.connectors;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells hosts that are this machine by their spelling alone; no name is looked up. Pure. */
public final class Loopback {
    private Loopback() {}

    /** Whether the host, as it stands in a URL, is this machine. */
    public static boolean isLoopback(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127\\.(?:[0-9]{1,3}\\.){2}[0-9]{1,3}");
    }
}
