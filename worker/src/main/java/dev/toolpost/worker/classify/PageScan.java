package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Paging;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;

/**
 * One pass over a JSON body that builds no tree: is it JSON to its end, how many records does it hold, what is the next page's cursor.
 *
 * @param problem why the body cannot be used, or null
 */
record PageScan(
        @Nullable String nextCursor, long records, @Nullable String problem) {

    static PageScan of(byte[] utf8, @Nullable Paging paging) {
        if (utf8.length > 1 && (utf8[0] == 0 || utf8[1] == 0)) {
            return new PageScan(null, 0, "it is not in UTF-8");
        }
        try (JsonParser parser = AnswerBody.JSON.createParser(ObjectReadContext.empty(), utf8)) {
            Scan scan = new Scan(parser);
            if (parser.nextToken() == null) {
                return new PageScan(null, 0, "it is not JSON (it holds nothing but space)");
            }
            switch (paging) {
                case null -> scan.value(null, null);
                case Paging.Cursor cursor -> scan.value(cursor.nextCursor(), cursor.records());
            }
            if (parser.nextToken() != null) {
                return new PageScan(null, 0, "it goes on after its JSON value ended");
            }
            return new PageScan(scan.nextCursor, scan.records, scan.problem);
        } catch (StreamConstraintsException e) {
            return new PageScan(null, 0, "it is beyond every sane shape (" + e.getOriginalMessage() + ")");
        } catch (JacksonException e) {
            return new PageScan(null, 0, "it is not JSON (" + e.getOriginalMessage() + ")");
        }
    }

    private static final class Scan {
        private final JsonParser parser;
        private @Nullable String nextCursor;
        private @Nullable String problem;
        private long records;

        Scan(JsonParser parser) {
            this.parser = parser;
        }

        /** Walks the value that the parser stands on; the pointers are what is left of them from here, or null. */
        void value(@Nullable JsonPointer cursor, @Nullable JsonPointer list) {
            JsonToken token = parser.currentToken();
            boolean counts = list != null && list.matches() && token == JsonToken.START_ARRAY;
            if (cursor != null && cursor.matches()) {
                takeCursor(token);
            }
            if (token == JsonToken.START_OBJECT && (cursor != null || list != null)) {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    value(
                            cursor == null ? null : cursor.matchProperty(name),
                            list == null ? null : list.matchProperty(name));
                }
            } else if (token == JsonToken.START_ARRAY && (counts || cursor != null || list != null)) {
                for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
                    if (counts) {
                        records++;
                    }
                    value(
                            cursor == null ? null : cursor.matchElement(index),
                            counts || list == null ? null : list.matchElement(index));
                }
            } else {
                parser.skipChildren();
            }
        }

        private void takeCursor(@Nullable JsonToken token) {
            if (token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT) {
                String text = parser.getString();
                nextCursor = text.isEmpty() ? null : text;
            } else if (token != JsonToken.VALUE_NULL && token != JsonToken.VALUE_FALSE) {
                problem = "its next cursor is neither text nor a number";
            }
        }
    }
}
