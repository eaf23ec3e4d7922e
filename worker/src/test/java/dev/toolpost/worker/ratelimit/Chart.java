package dev.toolpost.worker.ratelimit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line chart, written as SVG: the same values give the same text. Not thread-safe. */
final class Chart {

    record Point(double x, double y) {}

    private enum Style {
        LINE,
        STEPS,
        DOTS
    }

    private record Series(String name, String colour, Style style, List<Point> points) {}

    private record Bound(String name, double y) {}

    private static final int WIDTH = 800;
    private static final int HEIGHT = 340;
    private static final int LEFT = 60;
    private static final int RIGHT = 16;
    private static final int TOP = 64;
    private static final int BOTTOM = 48;
    private static final int TICKS_X = 8;
    private static final int TICKS_Y = 5;

    private final String title;
    private final String xName;
    private final String yName;
    private final double xMost;
    private final double yMost;
    private final List<Series> series = new ArrayList<>();
    private final List<Bound> bounds = new ArrayList<>();

    Chart(String title, String xName, double xMost, String yName, double yMost) {
        this.title = title;
        this.xName = xName;
        this.xMost = xMost;
        this.yName = yName;
        this.yMost = yMost;
    }

    /** Values between which there are all others. */
    Chart line(String name, String colour, List<Point> points) {
        series.add(new Series(name, colour, Style.LINE, List.copyOf(points)));
        return this;
    }

    /** Values that stay until the next. */
    Chart steps(String name, String colour, List<Point> points) {
        series.add(new Series(name, colour, Style.STEPS, List.copyOf(points)));
        return this;
    }

    Chart dots(String name, String colour, List<Point> points) {
        series.add(new Series(name, colour, Style.DOTS, List.copyOf(points)));
        return this;
    }

    /** What must not be passed. */
    Chart bound(String name, double y) {
        bounds.add(new Bound(name, y));
        return this;
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        add(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">", WIDTH, HEIGHT);
        add(svg, "<title>%s</title>", title);
        add(
                svg,
                "<style>text{font:12px sans-serif;fill:#333} path{fill:none;stroke-width:1.6;stroke-linejoin:round}</style>");
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, HEIGHT);
        add(svg, "<text x=\"%d\" y=\"20\" style=\"font-size:14px;font-weight:bold\">%s</text>", LEFT, title);
        axes(svg);
        for (Bound bound : bounds) {
            add(
                    svg,
                    "<path d=\"M%s %s H%s\" stroke=\"#b00\" stroke-dasharray=\"6 4\"/>",
                    number(x(0)),
                    number(y(bound.y)),
                    number(x(xMost)));
            add(
                    svg,
                    "<text x=\"%s\" y=\"%s\" text-anchor=\"end\" style=\"fill:#b00\">%s</text>",
                    number(x(xMost) - 4),
                    number(y(bound.y) - 5),
                    bound.name);
        }
        int legend = LEFT;
        for (Series each : series) {
            draw(svg, each);
            add(svg, "<rect x=\"%d\" y=\"36\" width=\"14\" height=\"4\" fill=\"%s\"/>", legend, each.colour);
            add(svg, "<text x=\"%d\" y=\"43\">%s</text>", legend + 20, each.name);
            legend += 40 + Math.round(6.3f * each.name.length());
        }
        svg.append("</svg>\n");
        return svg.toString();
    }

    private void axes(StringBuilder svg) {
        for (int i = 0; i <= TICKS_Y; i++) {
            double value = yMost * i / TICKS_Y;
            add(svg, "<path d=\"M%s %s H%s\" stroke=\"#ddd\"/>", number(x(0)), number(y(value)), number(x(xMost)));
            add(
                    svg,
                    "<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>",
                    LEFT - 8,
                    number(y(value) + 4),
                    number(value));
        }
        for (int i = 0; i <= TICKS_X; i++) {
            double value = xMost * i / TICKS_X;
            add(
                    svg,
                    "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    number(x(value)),
                    HEIGHT - BOTTOM + 18,
                    number(value));
        }
        add(svg, "<path d=\"M%d %d V%d H%d\" stroke=\"#333\"/>", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 10,
                xName);
        add(
                svg,
                "<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                (TOP + HEIGHT - BOTTOM) / 2,
                yName);
    }

    private void draw(StringBuilder svg, Series each) {
        if (each.style == Style.DOTS) {
            for (Point point : each.points) {
                add(
                        svg,
                        "<circle cx=\"%s\" cy=\"%s\" r=\"3.5\" fill=\"%s\"/>",
                        number(x(point.x)),
                        number(y(point.y)),
                        each.colour);
            }
            return;
        }
        StringBuilder path = new StringBuilder();
        for (Point point : each.points) {
            if (path.isEmpty()) {
                path.append('M').append(number(x(point.x))).append(' ').append(number(y(point.y)));
            } else if (each.style == Style.STEPS) {
                path.append('H').append(number(x(point.x))).append('V').append(number(y(point.y)));
            } else {
                path.append('L').append(number(x(point.x))).append(' ').append(number(y(point.y)));
            }
        }
        if (each.style == Style.STEPS) {
            path.append('H').append(number(x(xMost)));
        }
        add(svg, "<path d=\"%s\" stroke=\"%s\"/>", path, each.colour);
    }

    private double x(double value) {
        return LEFT + Math.min(value, xMost) / xMost * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / yMost * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation's artifact is no dependency
    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
