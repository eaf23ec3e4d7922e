package dev.toolpost.sandbox;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a record's number is written on the wire, there and back: a text with one {@code {id}}, {@code {id:8}} (at least so many digits), {@code {hex:12}} (so many
 * hexadecimal digits) or {@code {id+1700000000}} (counted from another number).
 */
final class IdForm {

    private static final Pattern SLOT = Pattern.compile("\\{(id|hex)(?::(\\d{1,2})|\\+(\\d{1,15}))?}");

    private final String prefix;
    private final String suffix;
    private final boolean hex;
    private final int width;
    private final long offset;

    private IdForm(String prefix, String suffix, boolean hex, int width, long offset) {
        this.prefix = prefix;
        this.suffix = suffix;
        this.hex = hex;
        this.width = width;
        this.offset = offset;
    }

    static IdForm parse(String template) {
        Matcher slot = SLOT.matcher(template);
        if (!slot.find()) {
            throw new SandboxException(
                    "id: " + template + " (expected: one {id}, {id:8}, {hex:12} or {id+1000} in it)");
        }
        return new IdForm(
                template.substring(0, slot.start()),
                template.substring(slot.end()),
                slot.group(1).equals("hex"),
                slot.group(2) == null ? 0 : Integer.parseInt(slot.group(2)),
                slot.group(3) == null ? 0 : Long.parseLong(slot.group(3)));
    }

    ByteText write(ByteText out, long id) {
        out.text(prefix);
        if (hex) {
            out.hex(id, width);
        } else {
            String digits = Long.toString(id + offset);
            out.text("0".repeat(Math.max(0, width - digits.length()))).text(digits);
        }
        return out.text(suffix);
    }

    String text(long id) {
        return write(new ByteText(48), id).toString();
    }

    /** The number, or -1 where the text has another form. */
    long number(String text) {
        int end = text.length() - suffix.length();
        if (end <= prefix.length() || !text.startsWith(prefix) || !text.endsWith(suffix)) {
            return -1;
        }
        String digits = text.substring(prefix.length(), end);
        if (!hex) {
            long number = Wire.number(digits);
            return number < offset ? -1 : number - offset;
        }
        try {
            return digits.length() == width && width <= 15 ? Long.parseLong(digits, 16) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
