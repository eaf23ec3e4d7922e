package dev.toolpost.worker.sql;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS that trusts whom the platform trusts ({@code javax.net.ssl.trustStore}), as the HTTP executor does. For drivers, which make it by
 * the name of its class; the name of the host they check themselves. Thread-safe.
 */
public final class TrustedTls extends SSLSocketFactory {

    private final SSLSocketFactory platform;

    /** Made by drivers. */
    public TrustedTls() throws NoSuchAlgorithmException {
        this.platform = SSLContext.getDefault().getSocketFactory();
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return platform.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return platform.getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return platform.createSocket(socket, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw overCheckedSocketsOnly();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw overCheckedSocketsOnly();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw overCheckedSocketsOnly();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        throw overCheckedSocketsOnly();
    }

    private static IOException overCheckedSocketsOnly() {
        return new IOException("TLS is laid over a socket whose address was checked (expected: one that is connected)");
    }
}
