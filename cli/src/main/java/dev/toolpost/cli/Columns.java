package dev.toolpost.cli;

import java.util.ArrayList;
import java.util.List;

/** Things side by side, each in a column in which long text is broken into lines. Not thread-safe. */
final class Columns {
    private static final int LABEL = 14;
    private static final int WIDTH = 34;

    private final List<String> lines = new ArrayList<>();

    Columns(String title, String... headings) {
        row(title, List.of(headings));
    }

    /** A row: what it is, and what it is for each. */
    Columns row(String label, List<String> cells) {
        List<List<String>> broken = cells.stream().map(Columns::broken).toList();
        int height = broken.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < height; i++) {
            StringBuilder line = new StringBuilder(padded(i == 0 ? label : "", LABEL));
            for (List<String> cell : broken) {
                line.append(padded(i < cell.size() ? cell.get(i) : "", WIDTH + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return this;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Between words, and within those that are too long for a line. */
    private static List<String> broken(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            String rest = word;
            if (!line.isEmpty() && line.length() + 1 + rest.length() > WIDTH && rest.length() <= WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            if (!line.isEmpty()) {
                line.append(' ');
            }
            while (line.length() + rest.length() > WIDTH) {
                int room = Math.max(0, WIDTH - line.length());
                lines.add(line + rest.substring(0, room));
                rest = rest.substring(room);
                line.setLength(0);
            }
            line.append(rest);
        }
        lines.add(line.toString());
        return lines;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
