package dev.toolpost.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Says before anything starts that a port is taken, and which option chooses another. */
final class Ports {
    private Ports() {}

    /**
     * @param what what is to listen there
     * @param option the option that chooses the port
     * @throws CliException where nobody can listen there
     */
    static void requireFree(String what, String option, String host, int port) {
        if (port < 0 || port > 65_535) {
            throw CliException.usage(option + " " + port + " (expected: 0 to 65535; 0 takes any free port)", "");
        }
        if (port == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException(host);
            }
            socket.bind(address);
        } catch (UnknownHostException unknown) {
            throw CliException.usage("--host " + host + ": there is no such host", "", unknown);
        } catch (IOException taken) {
            throw CliException.usage(
                    "port " + port + " at " + host + " is taken (" + taken.getMessage() + "), and the " + what
                            + " wants it",
                    "Stop what listens there, or choose another port: " + option + " PORT (0 takes any free one).",
                    taken);
        }
    }
}
