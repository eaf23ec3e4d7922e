package dev.toolpost.worker.call;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.IdempotencyKey;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.sql.SqlRequest;
import dev.toolpost.worker.sql.SqlRequestBuilder;
import dev.toolpost.worker.sql.VendorSql;
import java.net.URI;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Makes the exchange of a call, for the executor that its connector names. Thread-safe. */
final class Exchanges {

    private final VendorHttp http;
    private final VendorSql sql;
    private final InstantSource clock;

    Exchanges(VendorHttp http, VendorSql sql, InstantSource clock) {
        this.http = http;
        this.sql = sql;
        this.clock = clock;
    }

    /**
     * The exchange of a call with its vendor.
     *
     * @param moved where the vendor says that what was asked for is now, or null
     * @throws RequestProblemException where none can be made of these arguments, or for this connection
     */
    Exchange of(Call call, ToolRef ref, KnownConnection connection, Arguments arguments, @Nullable String moved)
            throws RequestProblemException {
        if (ref.connector().database() != null) {
            return new SqlExchange(sql, ref, statement(call, ref, connection, arguments));
        }
        VendorRequest request = request(call, ref, connection, arguments, moved);
        return new HttpExchange(
                http,
                clock,
                ref,
                connection.stored().connection(),
                connection.limits(),
                arguments,
                request,
                ref.tool().request().link() != null && leavesVendor(request, connection.baseUrl(ref.tool())));
    }

    private static boolean leavesVendor(VendorRequest request, String baseUrl) {
        URI own = URI.create(baseUrl);
        URI asked = request.address().server();
        return !own.getScheme().equals(asked.getScheme())
                || !own.getRawAuthority().equals(asked.getRawAuthority());
    }

    private static VendorRequest request(
            Call call, ToolRef ref, KnownConnection connection, Arguments arguments, @Nullable String moved)
            throws RequestProblemException {
        String key = ref.tool().idempotencyKeyHeader() == null ? null : idempotencyKey(call, ref);
        VendorRequest request = RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                arguments.filled(),
                connection.stored().connection(),
                connection.baseUrl(ref.tool()),
                connection.stored().secret(),
                arguments.vendorCursor(),
                arguments.limit(),
                key);
        return moved == null
                ? request
                : RequestBuilder.moved(
                        request,
                        moved,
                        ref.connector(),
                        ref.tool(),
                        connection.stored().connection(),
                        connection.stored().secret());
    }

    private static SqlRequest statement(Call call, ToolRef ref, KnownConnection connection, Arguments arguments)
            throws RequestProblemException {
        return SqlRequestBuilder.build(
                ref.connector(),
                ref.tool(),
                arguments.filled(),
                connection.stored(),
                connection.baseUrl(ref.tool()),
                arguments.vendorCursor(),
                arguments.limit(),
                idempotencyKey(call, ref));
    }

    private static String idempotencyKey(Call call, ToolRef ref) {
        return IdempotencyKey.of(call.tenant(), call.connection(), ref.tool().name(), call.writeId());
    }
}
