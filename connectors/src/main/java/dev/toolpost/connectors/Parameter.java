package dev.toolpost.connectors;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a query or a form. Immutable.
 *
 * @param name as the vendor spells it, not encoded
 * @param value its template; what it makes may be an array or an object
 * @param style how values are spelt that are no plain text
 * @param when when it is there, or null for always
 */
public record Parameter(
        String name,
        BodyTemplate.Node value,
        Style style,
        @Nullable Condition when) {

    /**
     * How values are spelt that are no plain text.
     *
     * @param list of arrays of plain values; an array that holds objects or arrays is always numbered
     */
    public record Style(ListStyle list, BooleanStyle booleans, ObjectStyle objects) {
        /** What a query has where nothing is said. */
        public static final Style QUERY = new Style(ListStyle.REPEAT, BooleanStyle.TRUE_FALSE, ObjectStyle.BRACKETS);

        /** What a form has where nothing is said. */
        public static final Style FORM = new Style(ListStyle.BRACKETS, BooleanStyle.TRUE_FALSE, ObjectStyle.BRACKETS);
    }

    /** How an array is spelt. */
    public enum ListStyle {
        /** {@code name=a&name=b} */
        REPEAT,
        /** {@code name[]=a&name[]=b} */
        BRACKETS,
        /** {@code name[0]=a&name[1]=b} */
        INDICES,
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

    /** How a boolean is spelt. */
    public enum BooleanStyle {
        /** {@code name=true} */
        TRUE_FALSE,
        /** {@code name=1}, {@code name=0} */
        ONE_ZERO,
        /** {@code name=yes}, {@code name=no} */
        YES_NO,
        /** {@code name} alone for true, left out for false */
        PRESENCE;

        static BooleanStyle of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** How the members of an object are spelt. */
    public enum ObjectStyle {
        /** {@code name[member]=a} */
        BRACKETS,
        /** {@code name.member=a} */
        DOTS,
        /** {@code name={"member":"a"}}, arrays and objects as JSON text */
        JSON;

        static ObjectStyle of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }
}
