package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.apache.kafka.clients.ClientUtils;

/** Tells in a moment that nobody listens where Kafka should be, which Kafka's own clients take many seconds to say. */
final class Brokers {
    private static final int BOUND_MILLIS = 2_000;

    private Brokers() {}

    /** @throws CliException where every broker's address refuses; anything less clear is left to Kafka's clients */
    static void requireListening(ToolpostConfig config) {
        String servers = config.kafka().bootstrapServers();
        List<InetSocketAddress> addresses =
                ClientUtils.parseAndValidateAddresses(List.of(servers.split(",", -1)), "use_all_dns_ips");
        if (!addresses.isEmpty() && addresses.stream().allMatch(Brokers::refuses)) {
            throw CliException.unreachable(
                    "no Kafka broker listens at " + servers,
                    "Start one with `toolpost dev`, or name another by --bootstrap or in the configuration (--config).",
                    null);
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
