package dev.toolpost.worker.request;

import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.connectors.TextFunction;
import dev.toolpost.connectors.TextTemplate;

/** Writes the path of a URL: each argument is one segment or part of one, never empty, never a step up. Pure. */
final class PathText {

    private PathText() {}

    /** Puts a path behind what the URL has already. */
    static void append(StringBuilder url, TextTemplate template, Rendering rendering) throws RequestProblemException {
        int start = url.length();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal(String text) -> url.append(text);
                case TextTemplate.Argument argument -> {
                    String name = argument.name();
                    String value = rendering.text(argument);
                    if (value == null || value.isEmpty()) {
                        throw RequestProblemException.ofArgument(
                                name, "empty (expected: a value; it is part of the path " + template.source() + ")");
                    }
                    if (climbs(value)) {
                        throw RequestProblemException.ofArgument(
                                name, "holds a path segment of dots or a control character (expected: an id or name)");
                    }
                    url.append(
                            argument.functions().contains(TextFunction.SEGMENTS)
                                    ? segments(name, value)
                                    : PercentEncoding.segment(value));
                }
            }
        }
        // Only a segment that holds one of these can be dots, and most paths hold none.
        if (url.indexOf(".", start) >= 0 || url.indexOf("%2E", start) >= 0) {
            refuseDots(url.substring(start), template);
        }
    }

    private static String segments(String name, String value) throws RequestProblemException {
        StringBuilder segments = new StringBuilder();
        for (String segment : value.split("/", -1)) {
            if (segment.isEmpty()) {
                throw RequestProblemException.ofArgument(
                        name, "holds an empty path segment (expected: a path such as docs/a.txt)");
            }
            segments.append(segments.isEmpty() ? "" : "/").append(PercentEncoding.segment(segment));
        }
        return segments.toString();
    }

    private static void refuseDots(String path, TextTemplate template) throws RequestProblemException {
        for (String segment : path.split("/", -1)) {
            if (isDots(segment.replace("%2E", "."))) {
                throw RequestProblemException.ofArgument(
                        template.arguments().stream().findFirst().orElse(""),
                        "makes a path segment of dots in " + template.source() + " (expected: an id or name)");
            }
        }
    }

    /** Encoding alone is not enough: servers and proxies are known to decode first and normalise then. */
    private static boolean climbs(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c == 0x7f) {
                return true;
            }
        }
        if (value.indexOf('.') < 0) {
            return false;
        }
        for (String segment : value.split("[/\\\\]", -1)) {
            if (isDots(segment)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isDots(String segment) {
        return segment.equals(".") || segment.equals("..");
    }
}
