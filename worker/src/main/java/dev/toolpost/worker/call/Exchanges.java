package dev.toolpost.worker.call;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.IdempotencyKey;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Makes the exchange of a call, for the executor that its connector names. Thread-safe. */
final class Exchanges {

    private final VendorHttp http;
    private final InstantSource clock;

    Exchanges(VendorHttp http, InstantSource clock) {
        this.http = http;
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
        return new HttpExchange(
                http,
                clock,
                ref,
                connection.stored().connection(),
                connection.limits(),
                arguments,
                request(call, ref, connection, arguments, moved));
    }

    private static VendorRequest request(
            Call call, ToolRef ref, KnownConnection connection, Arguments arguments, @Nullable String moved)
            throws RequestProblemException {
        String key = ref.tool().idempotencyKeyHeader() == null
                ? null
                : IdempotencyKey.of(call.tenant(), call.connection(), ref.tool().name(), call.writeId());
        VendorRequest request = RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                arguments.filled(),
                connection.stored().connection(),
                connection.baseUrl(),
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
}
