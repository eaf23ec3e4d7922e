package dev.toolpost.worker.http;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.impl.io.DefaultManagedHttpClientConnection;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpConnectionFactory;

/**
 * A connection that never logs what goes over it, whatever the log's level: headers and bodies hold credentials. Once closed it takes no
 * socket any more, so that a deadline that passes while it is being made also ends the attempt to connect.
 */
final class VendorConnection extends DefaultManagedHttpClientConnection {

    /** Path and query of the exchange, where they hold what no log may. */
    static final ScopedValue<String> REAL_PATH = ScopedValue.newInstance();

    /** Whoever has the connection from the pool; the pool hands it on safely. */
    private boolean timerIsOff;

    private VendorConnection(String id, Http1Config http1) {
        super(id, null, null, http1, null, null, null, new DefaultHttpResponseParserFactory(http1));
    }

    static HttpConnectionFactory<ManagedHttpClientConnection> factory(Http1Config http1) {
        AtomicLong made = new AtomicLong();
        return socket -> {
            VendorConnection connection = new VendorConnection("vendor-" + made.incrementAndGet(), http1);
            if (socket != null) {
                connection.bind(socket);
            }
            return connection;
        };
    }

    /**
     * Sends the path and query that hold a credential. Everything before and after this sees a masked one: the client and what it is made of write addresses into their
     * logs.
     */
    @Override
    public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
        if (!REAL_PATH.isBound()) {
            super.sendRequestHeader(request);
            return;
        }
        String shown = request.getPath();
        request.setPath(REAL_PATH.get());
        try {
            super.sendRequestHeader(request);
        } finally {
            request.setPath(shown);
        }
    }

    @Override
    public void bind(Socket socket) throws IOException {
        bind(new SocketHolder(socket));
    }

    @Override
    public void bind(SSLSocket sslSocket, Socket socket) throws IOException {
        bind(new SocketHolder(sslSocket, socket));
    }

    /** Turns the socket's timer off for good: the deadline watch ends every exchange. Doing so at both ends of each would cost a lock. */
    @Override
    public void passivate() {
        if (!timerIsOff) {
            super.passivate();
            timerIsOff = true;
        }
    }

    @Override
    public void activate() {}

    @Override
    protected void onResponseReceived(ClassicHttpResponse response) {}

    @Override
    protected void onRequestSubmitted(ClassicHttpRequest request) {}
}
