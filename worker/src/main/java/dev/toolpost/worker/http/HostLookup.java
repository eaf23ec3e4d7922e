package dev.toolpost.worker.http;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a host name; in production {@link InetAddress#getAllByName(String)}. */
@FunctionalInterface
public interface HostLookup {

    /** At least one address, in the order in which they are to be tried. */
    InetAddress[] find(String host) throws UnknownHostException;
}
