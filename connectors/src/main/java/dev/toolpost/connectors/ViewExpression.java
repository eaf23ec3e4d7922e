package dev.toolpost.connectors;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.dashjoin.jsonata.Parser;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A compiled JSONata expression (docs.jsonata.org) whose evaluation ends: in time, depth and size. Immutable; safe to share between
 * threads, each evaluation has state of its own.
 *
 * <p>Left out of JSONata is what no check between two steps can bound: regular expressions, which may backtrack without end inside
 * one step; {@code $eval}, which would run text of the record; {@code $pad}, which makes texts of any length at once.
 */
public final class ViewExpression {

    /** Steps of one evaluation. Time alone would refuse records for no fault of theirs where the machine is busy. */
    static final int MOST_STEPS = 200_000;

    /** How long one evaluation may take, whatever its steps do. */
    static final long LONGEST_MILLIS = 5_000;

    private static final int DEEPEST = 200;
    private static final int DEEPEST_SOURCE = 100;

    /** Largest value that a step may make besides what was given, in characters and members, all that it holds included. */
    static final int LARGEST_VALUE = 1_000_000;

    /** The same for all steps of an evaluation together: steps may keep what they make. */
    private static final long LARGEST_SUM = 32_000_000;

    private static final Set<String> REFUSED = Set.of("eval", "pad");

    private final Jsonata compiled;

    private ViewExpression(Jsonata compiled) {
        this.compiled = compiled;
    }

    /**
     * Compiles an expression.
     *
     * @throws IllegalArgumentException where it is none, or holds what is left out; the message says what and where
     */
    public static ViewExpression compile(String source) {
        refuse(source);
        try {
            Jsonata compiled = Jsonata.jsonata(source);
            List<Exception> errors = compiled.getErrors();
            if (errors != null && !errors.isEmpty()) {
                throw new IllegalArgumentException(
                        "no JSONata: " + errors.getFirst().getMessage());
            }
            compiled.setValidateInput(false);
            return new ViewExpression(compiled);
        } catch (JException wrong) {
            throw new IllegalArgumentException("no JSONata: " + wrong.getDetailedErrorMessage(), wrong);
        } catch (StackOverflowError tooDeep) {
            throw new IllegalArgumentException("no JSONata that could be read: it nests too deep", tooDeep);
        } catch (RuntimeException wrong) {
            // The library's parser lets some mistakes surface as failures of its own.
            throw wrong instanceof IllegalArgumentException known
                    ? known
                    : new IllegalArgumentException("no JSONata: " + wrong.getMessage(), wrong);
        }
    }

    /**
     * Evaluates it.
     *
     * @param input maps, lists, texts, numbers, booleans and null, as JSON has them; not changed
     * @return of the same types, or null where nothing came of it
     * @throws ViewException where it cannot be evaluated for this input, or not within the bounds
     */
    public @Nullable Object evaluate(@Nullable Object input) throws ViewException {
        Jsonata.Frame frame = compiled.createFrame();
        new Bounds(System.nanoTime() + LONGEST_MILLIS * 1_000_000, sizeOf(input, Long.MAX_VALUE)).watch(frame);
        for (String name : REFUSED) {
            frame.bind(name, (Object) "refused");
        }
        frame.bind("join", BoundedTexts.JOIN);
        frame.bind("replace", BoundedTexts.REPLACE);
        try {
            return compiled.evaluate(input, frame);
        } catch (BoundsExceeded exceeded) {
            throw new ViewException(exceeded.getMessage(), exceeded);
        } catch (JException wrong) {
            throw new ViewException(String.valueOf(wrong.getDetailedErrorMessage()), wrong);
        } catch (StackOverflowError tooDeep) {
            throw new ViewException("it nests too deep", tooDeep);
        } catch (RuntimeException wrong) {
            // Data that a function of the library was not made for: casts and numbers of formats.
            throw new ViewException(wrong.getClass().getSimpleName() + ": " + wrong.getMessage(), wrong);
        }
    }

    /** One evaluation's bounds, looked at before and after each of its steps. Confined to the evaluation. */
    private static final class Bounds {
        private final long endNanos;
        private final long largestValue;
        private long left;
        private int depth;
        private int steps;

        Bounds(long endNanos, long given) {
            this.endNanos = endNanos;
            this.largestValue = LARGEST_VALUE + 2 * given;
            this.left = LARGEST_SUM + 16 * given;
        }

        void watch(Jsonata.Frame frame) {
            frame.setEvaluateEntryCallback(this::entered);
            frame.setEvaluateExitCallback(this::left);
        }

        private void entered(Parser.Symbol step, Object input, Jsonata.Frame environment) {
            if (++depth > DEEPEST) {
                throw new BoundsExceeded("it nests deeper than " + DEEPEST + " steps");
            }
            if (++steps > MOST_STEPS) {
                throw new BoundsExceeded("it takes more than " + MOST_STEPS + " steps");
            }
            if (steps % 64 == 0 && System.nanoTime() - endNanos > 0) {
                throw new BoundsExceeded("it takes longer than " + LONGEST_MILLIS + " ms");
            }
        }

        private void left(Parser.Symbol step, Object input, Jsonata.Frame environment, @Nullable Object result) {
            depth--;
            long size = sizeOf(result, largestValue);
            if (size > largestValue) {
                throw new BoundsExceeded("it makes a value larger than " + largestValue);
            }
            left -= size;
            if (left < 0) {
                throw new BoundsExceeded("its steps make too much: values of more than " + LARGEST_SUM + " in all");
            }
        }
    }

    /** Characters and members of a value and of all that it holds; counting ends above the cap. */
    private static long sizeOf(@Nullable Object value, long cap) {
        return switch (value) {
            case String text -> text.length();
            case List<?> list -> {
                long size = list.size();
                for (int i = 0; i < list.size() && size <= cap; i++) {
                    size += sizeOf(list.get(i), cap - size);
                }
                yield size;
            }
            case Map<?, ?> map -> {
                long size = map.size();
                for (Map.Entry<?, ?> member : map.entrySet()) {
                    if (size > cap) {
                        break;
                    }
                    size += sizeOf(member.getKey(), cap) + sizeOf(member.getValue(), cap - size);
                }
                yield size;
            }
            case null, default -> 0;
        };
    }

    private static final class BoundsExceeded extends RuntimeException {
        private static final long serialVersionUID = 1;

        BoundsExceeded(String message) {
            super(message, null, false, false);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    /** Reads the expression outside of texts, names and comments. A slash is the beginning of every regular expression. */
    private static void refuse(String source) {
        int depth = 0;
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            switch (c) {
                case '"', '\'', '`' -> i = endOfQuote(source, i);
                case '/' -> {
                    if (!source.startsWith("/*", i)) {
                        throw new IllegalArgumentException("a slash at character " + (i + 1)
                                + ": regular expressions are refused, since they may run without end; write a"
                                + " division as a product, and use $contains, $split or $replace with texts");
                    }
                    int end = source.indexOf("*/", i + 2);
                    i = end < 0 ? source.length() : end + 1;
                }
                case '$' -> {
                    String name = nameAfter(source, i);
                    if (REFUSED.contains(name.toLowerCase(Locale.ROOT))) {
                        throw new IllegalArgumentException(
                                "$" + name + " at character " + (i + 1) + ": it is not there in views");
                    }
                }
                case '(', '[', '{' -> {
                    if (++depth > DEEPEST_SOURCE) {
                        throw new IllegalArgumentException(
                                "brackets nest deeper than " + DEEPEST_SOURCE + " at character " + (i + 1));
                    }
                }
                case ')', ']', '}' -> depth--;
                default -> {}
            }
        }
    }

    private static int endOfQuote(String source, int start) {
        char quote = source.charAt(start);
        for (int i = start + 1; i < source.length(); i++) {
            if (source.charAt(i) == '\\' && quote != '`') {
                i++;
            } else if (source.charAt(i) == quote) {
                return i;
            }
        }
        return source.length();
    }

    private static String nameAfter(String source, int dollar) {
        int end = dollar + 1;
        while (end < source.length() && (Character.isLetterOrDigit(source.charAt(end)) || source.charAt(end) == '_')) {
            end++;
        }
        return source.substring(dollar + 1, end);
    }
}
