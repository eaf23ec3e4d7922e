package dev.toolpost.worker.sql;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes rows as JSON objects: numbers with all their digits, moments as ISO 8601 in UTC, bytes as base64, JSON as it is, what JSON has no
 * form for (NaN, infinite dates, intervals, ranges) as the server's text. Confined to one thread.
 */
final class RowJson {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final ResultSet rows;
    private final String[] names;
    private final Form[] forms;
    private final ByteArrayOutputStream row = new ByteArrayOutputStream(1024);

    /** How a column's values are written. */
    private enum Form {
        NUMBER,
        BOOLEAN,
        MOMENT,
        LOCAL_TIME,
        BYTES,
        JSON,
        ARRAY,
        TEXT
    }

    RowJson(ResultSet rows) throws SQLException {
        this.rows = rows;
        ResultSetMetaData columns = rows.getMetaData();
        int count = columns.getColumnCount();
        this.names = new String[count];
        this.forms = new Form[count];
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < count; i++) {
            names[i] = free(columns.getColumnLabel(i + 1), taken);
            forms[i] = form(columns.getColumnType(i + 1), columns.getColumnTypeName(i + 1));
        }
    }

    /** Two columns of one name are one member too few. */
    private static String free(String label, Set<String> taken) {
        String name = label;
        for (int i = 2; !taken.add(name); i++) {
            name = label + "_" + i;
        }
        return name;
    }

    private static Form form(int type, String typeName) {
        String name = typeName.toLowerCase(Locale.ROOT);
        return switch (type) {
            case Types.TINYINT,
                    Types.SMALLINT,
                    Types.INTEGER,
                    Types.BIGINT,
                    Types.REAL,
                    Types.FLOAT,
                    Types.DOUBLE,
                    Types.NUMERIC,
                    Types.DECIMAL -> Form.NUMBER;
            case Types.BIT, Types.BOOLEAN -> name.startsWith("bool") ? Form.BOOLEAN : Form.TEXT;
            case Types.TIMESTAMP_WITH_TIMEZONE -> Form.MOMENT;
            case Types.TIMESTAMP ->
                name.contains("tz") || name.contains("with time zone") ? Form.MOMENT : Form.LOCAL_TIME;
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> Form.BYTES;
            case Types.ARRAY -> Form.ARRAY;
            default -> name.equals("json") || name.equals("jsonb") ? Form.JSON : Form.TEXT;
        };
    }

    /** The row that the result stands on; good until the next. */
    ByteArrayOutputStream row() throws SQLException {
        row.reset();
        try (JsonGenerator json = MAPPER.createGenerator(row)) {
            json.writeStartObject();
            for (int i = 0; i < names.length; i++) {
                json.writeName(names[i]);
                write(json, i + 1, forms[i]);
            }
            json.writeEndObject();
        }
        return row;
    }

    private void write(JsonGenerator json, int column, Form form) throws SQLException {
        String text = form == Form.BYTES || form == Form.ARRAY ? "" : rows.getString(column);
        if (text == null) {
            json.writeNull();
            return;
        }
        switch (form) {
            case NUMBER -> number(json, text);
            case BOOLEAN -> json.writeBoolean(rows.getBoolean(column));
            case MOMENT -> json.writeString(moment(column, text));
            case LOCAL_TIME -> json.writeString(text.replaceFirst(" ", "T"));
            case BYTES -> {
                byte[] bytes = rows.getBytes(column);
                if (bytes == null) {
                    json.writeNull();
                } else {
                    json.writeString(Base64.getEncoder().encodeToString(bytes));
                }
            }
            case JSON -> json.writeRawValue(text);
            case ARRAY -> {
                Array array = rows.getArray(column);
                boolean inUtc = array != null && array.getBaseTypeName().endsWith("tz");
                element(json, array == null ? null : array.getArray(), inUtc);
            }
            case TEXT -> json.writeString(text);
        }
    }

    private String moment(int column, String text) throws SQLException {
        if (text.endsWith("infinity")) {
            return text;
        }
        OffsetDateTime moment = rows.getObject(column, OffsetDateTime.class);
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(moment.withOffsetSameInstant(ZoneOffset.UTC));
    }

    private static void number(JsonGenerator json, String text) {
        if (NUMBER.matcher(text).matches()) {
            json.writeRawValue(text);
        } else {
            json.writeString(text);
        }
    }

    private static void element(JsonGenerator json, @Nullable Object value, boolean inUtc) {
        switch (value) {
            case null -> json.writeNull();
            case Object[] values -> {
                json.writeStartArray();
                for (Object one : values) {
                    element(json, one, inUtc);
                }
                json.writeEndArray();
            }
            case byte[] bytes -> json.writeString(Base64.getEncoder().encodeToString(bytes));
            case Boolean truth -> json.writeBoolean(truth);
            case BigDecimal exact -> json.writeRawValue(exact.toPlainString());
            case Number number -> number(json, number.toString());
            case Timestamp moment ->
                json.writeString(
                        inUtc
                                ? DateTimeFormatter.ISO_INSTANT.format(moment.toInstant())
                                : DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(moment.toLocalDateTime()));
            case Date day -> json.writeString(day.toLocalDate().toString());
            case Time time -> json.writeString(time.toLocalTime().toString());
            default -> json.writeString(value.toString());
        }
    }
}
