package dev.toolpost.worker.sql;

import dev.toolpost.worker.http.AddressRefusedException;
import dev.toolpost.worker.http.VendorAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Makes connections through the JDBC driver of an address, to addresses that the policy allows. Thread-safe. */
final class DriverConnections implements SqlPool.Opening, AutoCloseable {

    /** Unable to connect (ISO 9075-2): another address of the host may do. */
    private static final String UNABLE_TO_CONNECT = "08001";

    private final VendorAddresses addresses;
    private final Duration connectTimeout;

    DriverConnections(VendorAddresses addresses, Duration connectTimeout) {
        this.addresses = addresses;
        this.connectTimeout = connectTimeout;
    }

    @Override
    public Connection open(SqlRequest.Database database, long untilNanos) throws SQLException, NotOpenedException {
        InetAddress[] checked = checked(database, untilNanos);
        for (int i = 0; ; i++) {
            long leftNanos = untilNanos - System.nanoTime();
            if (leftNanos <= 0) {
                throw new NotOpenedException(
                        SqlOutcome.NotSentCause.DEADLINE, "the deadline passed before a connection was made");
            }
            try (CheckedSockets.Ticket ticket = CheckedSockets.ticket(checked[i])) {
                return DriverManager.getConnection(database.url(), properties(database, ticket, leftNanos));
            } catch (SQLException failed) {
                if (!UNABLE_TO_CONNECT.equals(failed.getSQLState()) || i + 1 == checked.length) {
                    throw failed;
                }
            }
        }
    }

    private InetAddress[] checked(SqlRequest.Database database, long untilNanos) throws NotOpenedException {
        try {
            return addresses.resolve(database.host(), untilNanos);
        } catch (AddressRefusedException refused) {
            throw new NotOpenedException(SqlOutcome.NotSentCause.REFUSED, String.valueOf(refused.getMessage()));
        } catch (UnknownHostException unknown) {
            throw new NotOpenedException(SqlOutcome.NotSentCause.UNREACHABLE, "unknown host " + unknown.getMessage());
        }
    }

    /** What a definition may not set comes last. */
    private Properties properties(SqlRequest.Database database, CheckedSockets.Ticket ticket, long leftNanos) {
        String seconds = Long.toString(Math.clamp(
                TimeUnit.NANOSECONDS.toSeconds(leftNanos + 999_999_999L), 1, Math.max(1, connectTimeout.toSeconds())));
        Properties properties = new Properties();
        database.driver().forEach(properties::setProperty);
        properties.setProperty("user", database.username());
        properties.setProperty("password", database.password());
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("cancelSignalTimeout", "5");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("socketFactory", CheckedSockets.class.getName());
        properties.setProperty("socketFactoryArg", ticket.name());
        if (database.driver().getOrDefault("sslmode", "").startsWith("verify-")) {
            properties.setProperty("sslfactory", TrustedTls.class.getName());
        }
        return properties;
    }

    @Override
    public void close() {
        addresses.close();
    }
}
