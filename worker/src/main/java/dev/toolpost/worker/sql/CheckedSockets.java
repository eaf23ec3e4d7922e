package dev.toolpost.worker.sql;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;

/**
 * Sockets that connect to one address that was checked before, whatever the name of the host means by now. Drivers make their socket
 * factory by the name of its class and a text; the text is a ticket that is good while its connection is made. Thread-safe.
 */
public final class CheckedSockets extends SocketFactory {

    private static final Map<String, InetAddress> TICKETS = new ConcurrentHashMap<>();

    private final InetAddress address;

    /** Made by drivers. */
    public CheckedSockets(String ticket) {
        InetAddress checked = TICKETS.get(ticket);
        if (checked == null) {
            throw new IllegalArgumentException("no address was checked for this connection");
        }
        this.address = checked;
    }

    /** A ticket to connect to this address. */
    static Ticket ticket(InetAddress checked) {
        String name = UUID.randomUUID().toString();
        TICKETS.put(name, checked);
        return new Ticket(name);
    }

    /** Good until it is closed; connections made with it stay. */
    record Ticket(String name) implements AutoCloseable {
        @Override
        public void close() {
            TICKETS.remove(name);
        }
    }

    @Override
    public Socket createSocket() {
        return new ToOneAddress(address);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(port);
    }

    private Socket connected(int port) throws IOException {
        Socket socket = createSocket();
        socket.connect(new InetSocketAddress(address, port));
        return socket;
    }

    private static final class ToOneAddress extends Socket {
        private final InetAddress address;

        ToOneAddress(InetAddress address) {
            super(Proxy.NO_PROXY);
            this.address = address;
        }

        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            if (!(endpoint instanceof InetSocketAddress asked)) {
                throw new SocketException("not an address of the internet");
            }
            super.connect(new InetSocketAddress(address, asked.getPort()), timeout);
        }

        @Override
        public void connect(SocketAddress endpoint) throws IOException {
            connect(endpoint, 0);
        }
    }
}
