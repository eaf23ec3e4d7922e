package dev.toolpost.schemas;

import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/** Says why a text is no JSON, in words for whoever wrote the text. Thread-safe. */
public final class JsonTrouble {
    /** Where a bound of the parser's is set says nothing to anybody who cannot set it. */
    private static final Pattern SETTING = Pattern.compile(",? \\(?from `[A-Za-z.()]*`\\)?");

    private JsonTrouble() {}

    /** The reason, without the place and without names of classes. */
    public static String of(JacksonException trouble) {
        return SETTING.matcher(String.valueOf(trouble.getOriginalMessage())).replaceAll("");
    }
}
