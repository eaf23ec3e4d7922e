package dev.toolpost.worker.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** None of a host's addresses may be connected to. */
public final class AddressRefusedException extends UnknownHostException {

    AddressRefusedException(String host, InetAddress[] found) {
        super(host + " is at "
                + Arrays.stream(found)
                        .map(InetAddress::getHostAddress)
                        .distinct()
                        .collect(Collectors.joining(", "))
                + ", which is not a public address (an operator allows others by configuration)");
    }
}
