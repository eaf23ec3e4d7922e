package dev.toolpost.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Turns a fault into what the client sees. Belongs to the loop's thread. */
final class FaultPerformer {

    /** What the vendor does with the request, and the writing of the answer. */
    @FunctionalInterface
    interface Processing {
        void process(Dialect.Quirk quirk);
    }

    private static final int BOMB_UNPACKED = 256 << 20;
    private static final int NESTING = 100_000;
    private static final Pattern DATE = Pattern.compile("\\{date([+-]\\d+)?}");

    private final Dialect dialect;
    private final LongSupplier nowMillis;
    private byte @Nullable [] bomb;

    FaultPerformer(Dialect dialect, LongSupplier nowMillis) {
        this.dialect = dialect;
        this.nowMillis = nowMillis;
    }

    void perform(Fault fault, HttpExchange exchange, Processing processing, long delayNanos) {
        switch (fault.kind()) {
            case LATENCY -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.send(delayNanos);
            }
            case STATUS -> status(fault, exchange, delayNanos);
            case STATUS_AFTER -> {
                processing.process(Dialect.Quirk.NONE);
                status(fault, exchange.blank(), delayNanos);
            }
            case RESET_BEFORE -> exchange.reset(delayNanos);
            case RESET_AFTER -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.reset(delayNanos);
            }
            case STALL -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.stallAfter(exchange.answer().length() / 2, delayNanos);
            }
            case SILENCE -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.silence();
            }
            case GARBAGE -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.sendRaw(
                        "\u0016\u0003\u0001 this is no HTTP\r\n\r\n\u0000\u0001\u0002"
                                .getBytes(StandardCharsets.ISO_8859_1),
                        delayNanos);
            }
            case NOT_JSON -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.blank().header("Content-Type", "text/html;charset=utf-8");
                exchange.answer().text("<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>");
                exchange.send(delayNanos);
            }
            case TRUNCATE -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.truncate(delayNanos);
            }
            case ENDLESS -> {
                processing.process(Dialect.Quirk.NONE);
                byte[] spaces = new byte[32 << 10];
                Arrays.fill(spaces, (byte) ' ');
                exchange.answer().truncate(Math.max(0, exchange.answer().length() - 1));
                exchange.endless(spaces, delayNanos);
            }
            case GZIP_BOMB -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.blank().header("Content-Type", "application/json").header("Content-Encoding", "gzip");
                exchange.answer().raw(bomb());
                exchange.send(delayNanos);
            }
            case NESTING_BOMB -> {
                processing.process(Dialect.Quirk.NONE);
                exchange.blank().header("Content-Type", "application/json");
                exchange.answer().text("[".repeat(NESTING)).text("]".repeat(NESTING));
                exchange.send(delayNanos);
            }
            case REPEAT_CURSOR -> {
                processing.process(Dialect.Quirk.REPEAT_CURSOR);
                exchange.send(delayNanos);
            }
            case FOREIGN_LINK -> {
                processing.process(Dialect.Quirk.FOREIGN_LINK);
                exchange.send(delayNanos);
            }
        }
    }

    private void status(Fault fault, HttpExchange exchange, long delayNanos) {
        String body = fault.body();
        if (body == null) {
            dialect.failed(exchange, fault.status());
        } else {
            exchange.status(fault.status());
            if (!fault.headers().containsKey("Content-Type")) {
                exchange.header("Content-Type", "application/json");
            }
            exchange.answer().clear().text(body);
        }
        for (Map.Entry<String, String> header : fault.headers().entrySet()) {
            exchange.header(header.getKey(), dated(header.getValue()));
        }
        exchange.send(delayNanos);
    }

    private String dated(String value) {
        Matcher matcher = DATE.matcher(value);
        return matcher.replaceAll(found -> {
            long ahead = found.group(1) == null ? 0 : Long.parseLong(found.group(1));
            return DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.ofEpochMilli(nowMillis.getAsLong())
                    .plusSeconds(ahead)
                    .atOffset(ZoneOffset.UTC));
        });
    }

    /** A JSON string of {@value #BOMB_UNPACKED} spaces, packed to about a thousandth. */
    private byte[] bomb() {
        byte[] ready = bomb;
        if (ready == null) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            byte[] spaces = new byte[1 << 20];
            Arrays.fill(spaces, (byte) ' ');
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write('"');
                for (int written = 0; written < BOMB_UNPACKED; written += spaces.length) {
                    gzip.write(spaces);
                }
                gzip.write('"');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ready = packed.toByteArray();
            bomb = ready;
        }
        return ready;
    }
}
