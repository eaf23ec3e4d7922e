package dev.toolpost.worker.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a client and a server, and breaks their connections when it is told to. */
public final class BreakingProxy implements AutoCloseable {

    private final ServerSocket door;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private BreakingProxy(ServerSocket door, int target) {
        this.door = door;
        this.target = target;
    }

    public static BreakingProxy to(int port) throws IOException {
        BreakingProxy proxy = new BreakingProxy(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), port);
        Thread.ofVirtual().start(proxy::accept);
        return proxy;
    }

    public int port() {
        return door.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.ofLiteral("127.0.0.1"), target);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> pass(client, server));
                Thread.ofVirtual().start(() -> pass(server, client));
            }
        } catch (IOException closed) {
            // Nobody is let in any more.
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException broken) {
            // As was wanted.
        } finally {
            sockets.remove(from);
        }
    }

    /** Breaks every connection; new ones are let in. */
    public void breakAll() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        breakAll();
    }
}
