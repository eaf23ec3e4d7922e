package dev.toolpost.sandbox;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;

/** Opens listening sockets and says clearly why one cannot be opened. */
final class Listening {

    static final String LOOPBACK = "127.0.0.1";

    private static final int BACKLOG = 1024;

    private Listening() {}

    /** A bound, non-blocking channel; port 0 takes any free port. */
    static ServerSocketChannel open(String what, String host, int port) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.configureBlocking(false);
                channel.bind(new InetSocketAddress(host, port), BACKLOG);
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (BindException e) {
            throw refused(what, host, port, e);
        } catch (IOException e) {
            throw new SandboxException(what + ": cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    static SandboxException refused(String what, String host, int port, BindException cause) {
        return new SandboxException(
                what + ": cannot listen on " + host + ":" + port + " (" + cause.getMessage()
                        + "). Another process probably holds the port: stop it, or choose another port (0 takes a free one).",
                cause);
    }

    static int port(ServerSocketChannel channel) {
        return channel.socket().getLocalPort();
    }

    /** The address that clients on this machine use for a host that was listened on. */
    static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> LOOPBACK;
            case "::", "[::]" -> "[::1]";
            default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        };
    }
}
