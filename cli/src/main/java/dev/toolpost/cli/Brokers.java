package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.common.config.ConfigException;

/** Tells in a moment that nobody listens where Kafka should be, which Kafka's own clients take many seconds to say. */
final class Brokers {
    /** How Kafka's message begins where the addresses are well-formed and none resolves; there is no type for it. */
    private static final String NONE_RESOLVED = "No resolvable bootstrap urls";

    private static final int BOUND_MILLIS = 2_000;

    private Brokers() {}

    /** @throws CliException where every broker's address refuses; anything less clear is left to Kafka's clients */
    static void requireListening(ToolpostConfig config) {
        String servers = config.kafka().bootstrapServers();
        List<InetSocketAddress> addresses = addresses(servers);
        if (!addresses.isEmpty() && addresses.stream().allMatch(Brokers::refuses)) {
            throw CliException.unreachable(
                    "no Kafka broker listens at " + servers,
                    "Start one with `toolpost dev`, or name another by --bootstrap or in the configuration (--config).",
                    null);
        }
    }

    private static List<InetSocketAddress> addresses(String servers) {
        try {
            return ClientUtils.parseAndValidateAddresses(List.of(servers.split(",", -1)), "use_all_dns_ips");
        } catch (ConfigException wrong) {
            if (String.valueOf(wrong.getMessage()).startsWith(NONE_RESOLVED)) {
                throw CliException.unreachable(
                        "no host of the Kafka brokers " + servers + " is known to this machine's name resolution",
                        "Check the name for typing errors and the network (VPN, DNS); name another by --bootstrap or in"
                                + " the configuration (--config).",
                        wrong);
            }
            throw wrong;
        }
    }

    private static boolean refuses(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, BOUND_MILLIS);
            return false;
        } catch (ConnectException refused) {
            return true;
        } catch (IOException unclear) {
            return false;
        }
    }
}
