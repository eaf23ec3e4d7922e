package dev.toolpost.connectors;

import java.util.Locale;

/**
 * One parameter of the query.
 *
 * @param name as the vendor spells it, not encoded
 * @param value its template; where this is one argument alone, the argument may be an array
 * @param list how an array is spelt
 */
public record QueryParameter(String name, TextTemplate value, ListStyle list) {

    /** How an array is spelt in a query. */
    public enum ListStyle {
        /** {@code name=a&name=b} */
        REPEAT,
        /** {@code name[]=a&name[]=b} */
        BRACKETS,
        /** {@code name=a,b} */
        COMMA,
        /** {@code name=a b} */
        SPACE,
        /** {@code name=a|b} */
        PIPE;

        static ListStyle of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }
}
