package dev.toolpost.worker.sql;

import dev.toolpost.worker.http.DeadlineWatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * One statement in a transaction of its own: begun with its time limits, its rows read as they come, committed where it writes and rolled
 * back where it reads. Confined to its call's thread, but for {@link #expire()}.
 */
final class SqlTransaction implements DeadlineWatch.Timed {

    /** Rows that the driver fetches at a time: what bounds the memory of a large result. */
    private static final int FETCH_ROWS = 200;

    /** How much longer than the server's own limit the deadline watch waits, so that the server speaks first. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long CANCEL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_LOCK_WAIT_MILLIS = 10_000;
    private static final int LONGEST_PLACE = 16_384;
    private static final String QUERY_CANCELLED = "57014";
    private static final String COMPLETION_UNKNOWN = "40003";

    private final Connection connection;
    private final SqlRequest request;
    private final int maxBodyBytes;
    private final long startNanos;
    private final long deadlineNanos;
    private Stage stage = Stage.BEFORE;
    private boolean usable;
    private volatile @Nullable Statement running;
    private volatile boolean expired;
    private volatile boolean over;

    /** How far it came. */
    private enum Stage {
        /** The statement did not go out. */
        BEFORE,
        /** It did. */
        SENT,
        /** The commit did. */
        COMMITTING
    }

    SqlTransaction(Connection connection, SqlRequest request, int maxBodyBytes, long startNanos, long deadlineNanos) {
        this.connection = connection;
        this.request = request;
        this.maxBodyBytes = maxBodyBytes;
        this.startNanos = startNanos;
        this.deadlineNanos = deadlineNanos;
    }

    /** Whether the connection may be used by the next. */
    boolean leavesUsable() {
        return usable;
    }

    SqlOutcome run() {
        SqlOutcome outcome;
        try {
            begin();
            stage = Stage.SENT;
            outcome = statement();
            if (request.readOnly() || !(outcome instanceof SqlOutcome.Done)) {
                connection.rollback();
            } else {
                stage = Stage.COMMITTING;
                connection.commit();
            }
            usable = !expired;
        } catch (SQLException failed) {
            outcome = failed(failed);
        } catch (RowTooLargeException large) {
            outcome = new SqlOutcome.TooMuch(large.reason(), took());
            rollBack();
        } finally {
            over = true;
            running = null;
        }
        return outcome;
    }

    /** The limits are the transaction's own, so that nothing of them is left for the next. */
    private void begin() throws SQLException {
        long leftMillis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
        connection.setNetworkTimeout(Runnable::run, (int)
                Math.min(leftMillis + TimeUnit.NANOSECONDS.toMillis(2 * GRACE_NANOS + CANCEL_NANOS), 1 << 30));
        connection.setAutoCommit(false);
        connection.setReadOnly(request.readOnly());
        long statementMillis = Math.min(leftMillis, 1 << 30);
        try (Statement limits = connection.createStatement()) {
            limits.execute("SET LOCAL statement_timeout = " + statementMillis
                    + "; SET LOCAL lock_timeout = " + Math.clamp(statementMillis / 2, 1, LONGEST_LOCK_WAIT_MILLIS)
                    + "; SET LOCAL idle_in_transaction_session_timeout = " + (statementMillis + 5_000)
                    + "; SET LOCAL standard_conforming_strings = on; SET LOCAL TimeZone = 'UTC'");
        }
    }

    private SqlOutcome statement() throws SQLException, RowTooLargeException {
        try (PreparedStatement statement =
                connection.prepareStatement(request.text(), ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            running = statement;
            int index = 1;
            for (String value : request.parameters()) {
                if (value == null) {
                    statement.setNull(index++, Types.VARCHAR);
                } else {
                    statement.setString(index++, value);
                }
            }
            statement.setFetchSize(Math.min(FETCH_ROWS, request.maxRows() + 1));
            statement.setMaxRows(request.maxRows() + 1);
            if (!statement.execute()) {
                return changed(statement.getLargeUpdateCount());
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows(rows);
            }
        }
    }

    private SqlOutcome changed(long count) {
        if (count > request.maxRows()) {
            return tooManyRows();
        }
        byte[] body = ("{\"changed\":" + Math.max(0, count) + "}").getBytes(StandardCharsets.UTF_8);
        return new SqlOutcome.Done(body, null, 0, took());
    }

    private SqlOutcome rows(ResultSet result) throws SQLException, RowTooLargeException {
        RowJson json = new RowJson(result);
        ByteArrayOutputStream body = new ByteArrayOutputStream(4 << 10);
        SqlRequest.Page page = request.page();
        int size = page == null ? request.maxRows() : page.size();
        int[] key = key(result, page);
        String next = null;
        int count = 0;
        body.write('[');
        while (result.next()) {
            refuseLate();
            if (count == size) {
                if (page == null) {
                    return tooManyRows();
                }
                return done(body, count, next);
            }
            ByteArrayOutputStream row = json.row();
            if (body.size() + row.size() + 2 > maxBodyBytes) {
                if (page == null || count == 0) {
                    throw new RowTooLargeException(
                            count == 0
                                    ? "a row is larger than " + maxBodyBytes + " bytes"
                                    : "the rows are larger than " + maxBodyBytes + " bytes");
                }
                return done(body, count, next);
            }
            if (count > 0) {
                body.write(',');
            }
            body.writeBytes(row.toByteArray());
            count++;
            if (page != null) {
                next = page.key().isEmpty() ? Long.toString(page.skipped() + count) : place(result, key);
            }
        }
        return done(body, count, null);
    }

    private SqlOutcome done(ByteArrayOutputStream body, int count, @Nullable String next) {
        body.write(']');
        return new SqlOutcome.Done(body.toByteArray(), next, count, took());
    }

    private SqlOutcome tooManyRows() {
        return new SqlOutcome.TooMuch(
                request.readOnly()
                        ? "there are more than " + request.maxRows() + " rows"
                        : "it would change more than " + request.maxRows() + " rows, so nothing was changed",
                took());
    }

    private static int[] key(ResultSet result, SqlRequest.@Nullable Page page) throws SQLException {
        int[] columns = new int[page == null ? 0 : page.key().size()];
        for (int i = 0; page != null && i < columns.length; i++) {
            columns[i] = result.findColumn(page.key().get(i));
        }
        return columns;
    }

    private static String place(ResultSet result, int[] key) throws SQLException, RowTooLargeException {
        List<String> values = new ArrayList<>();
        for (int column : key) {
            String value = result.getString(column);
            if (value == null) {
                throw new RowTooLargeException("the key that its pages are walked by is null in a row");
            }
            values.add(value);
        }
        String place = JsonMapper.shared().writeValueAsString(values);
        if (place.length() > LONGEST_PLACE) {
            throw new RowTooLargeException(
                    "the key that its pages are walked by is longer than " + LONGEST_PLACE + " characters");
        }
        return place;
    }

    /** A statement may lift the server's limit for what it returns later; not this one. */
    private void refuseLate() throws SQLException {
        if (System.nanoTime() - deadlineNanos > GRACE_NANOS) {
            expired = true;
            throw new SQLException("the time limit passed while its rows were read", QUERY_CANCELLED);
        }
    }

    private SqlOutcome failed(SQLException exception) {
        boolean ourLimit = expired || System.nanoTime() - deadlineNanos >= 0;
        SqlError error = SqlError.of(exception, request.before(), ourLimit);
        if (expired && error.isOfClass("08") && request.readOnly()) {
            // The watch broke the connection because nothing else ended the statement.
            error = new SqlError(QUERY_CANCELLED, "the time limit passed while it ran", Map.of(), null, true);
            return new SqlOutcome.Failed(error, true, true, took());
        }
        boolean lost = error.isOfClass("08") || COMPLETION_UNKNOWN.equals(error.state());
        boolean notProcessed = switch (stage) {
            case BEFORE -> true;
            case SENT -> !lost;
            // From here on only an error that leaves the session alive proves that the server undid everything.
            case COMMITTING -> !lost && !error.isOfClass("57", "58", "53", "XX");
        };
        if (!lost && !error.isOfClass("57P", "58", "XX")) {
            rollBack();
        }
        return new SqlOutcome.Failed(error, notProcessed, lost, took());
    }

    private void rollBack() {
        try {
            connection.rollback();
            usable = !expired;
        } catch (SQLException gone) {
            usable = false;
        }
    }

    private Duration took() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos + GRACE_NANOS;
    }

    /** The server did not keep its time limit: it is told once, and then left alone. */
    @Override
    public void expire() {
        expired = true;
        Statement statement = running;
        try {
            if (statement != null) {
                statement.cancel();
            }
            LockSupport.parkNanos(CANCEL_NANOS);
            if (!over) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException gone) {
            // It is over, or the connection is.
        }
    }

    /** What is read cannot be given out. */
    private static final class RowTooLargeException extends Exception {
        RowTooLargeException(String reason) {
            super(reason);
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }
}
