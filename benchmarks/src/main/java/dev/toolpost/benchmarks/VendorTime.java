package dev.toolpost.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What the vendor's clock, by which it notes arrivals, shows at a time of ours. */
final class VendorTime {

    static final String TOKEN = "clock";

    private final long offset;

    private VendorTime(long offset) {
        this.offset = offset;
    }

    /** Asks a vendor that knows {@link #TOKEN}; right to a few milliseconds. */
    static VendorTime of(Stage stage) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(stage.vendor().uri().resolve("/crm/v3/objects/contacts/1"))
                    .header("Authorization", "Bearer " + TOKEN)
                    .build();
            http.send(request, HttpResponse.BodyHandlers.discarding());
            long before = System.nanoTime();
            http.send(request, HttpResponse.BodyHandlers.discarding());
            return new VendorTime(stage.vendor().arrivals(1).getFirst().nanos() - before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    long now() {
        return System.nanoTime() + offset;
    }
}
