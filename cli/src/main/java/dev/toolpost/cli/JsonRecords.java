package dev.toolpost.cli;

/**
 * Takes the records out of a page, one line each. Every byte of a record stays as it came, but for line breaks between tokens,
 * which JSON does not need and which would break the line.
 */
final class JsonRecords {
    private final String json;
    private final StringBuilder lines;
    private int place;
    private int count;

    private JsonRecords(String json, StringBuilder lines) {
        this.json = json;
        this.lines = lines;
    }

    /**
     * Appends the elements of an array, or the whole where it is no array, and says how many they were.
     *
     * @param json valid JSON
     */
    static int appendLines(String json, StringBuilder lines) {
        JsonRecords records = new JsonRecords(json, lines);
        records.run();
        return records.count;
    }

    private void run() {
        skipSpace();
        if (place == json.length()) {
            return;
        }
        if (json.charAt(place) != '[') {
            value();
            return;
        }
        place++;
        skipSpace();
        while (place < json.length() && json.charAt(place) != ']') {
            value();
            skipSpace();
            if (place < json.length() && json.charAt(place) == ',') {
                place++;
                skipSpace();
            }
        }
    }

    /** One value, up to the comma or bracket behind it. */
    private void value() {
        int depth = 0;
        boolean inText = false;
        int from = lines.length();
        for (; place < json.length(); place++) {
            char c = json.charAt(place);
            if (inText) {
                lines.append(c);
                if (c == '\\') {
                    lines.append(json.charAt(++place));
                } else if (c == '"') {
                    inText = false;
                }
                continue;
            }
            if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
                break;
            }
            switch (c) {
                case '\n', '\r' -> {}
                case '"' -> {
                    inText = true;
                    lines.append(c);
                }
                case '{', '[' -> {
                    depth++;
                    lines.append(c);
                }
                case '}', ']' -> {
                    depth--;
                    lines.append(c);
                }
                default -> lines.append(c);
            }
        }
        int end = lines.length();
        while (end > from && lines.charAt(end - 1) <= ' ') {
            end--;
        }
        lines.setLength(end);
        lines.append('\n');
        count++;
    }

    private void skipSpace() {
        while (place < json.length() && json.charAt(place) <= ' ') {
            place++;
        }
    }
}
