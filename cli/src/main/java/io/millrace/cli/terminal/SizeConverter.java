package io.millrace.cli.terminal;

/**
 * The parser of numbers with the suffixes k, M and G (powers of 1000) or Ki, Mi and Gi (powers of
 * 1024).
 */
public final class SizeConverter {

    private SizeConverter() {}

    public static long parse(String text) {
        String number = text;
        long base = 1000;
        if (number.endsWith("i")) {
            base = 1024;
            number = number.substring(0, number.length() - 1);
        }
        long factor = 1;
        if (!number.isEmpty()) {
            factor =
                    switch (number.charAt(number.length() - 1)) {
                        case 'k', 'K' -> base;
                        case 'm', 'M' -> base * base;
                        case 'g', 'G' -> base * base * base;
                        default -> 1;
                    };
        }
        if (factor > 1) {
            number = number.substring(0, number.length() - 1);
        }
        try {
            long value = Long.parseLong(number);
            if (value < 0) {
                throw new IllegalArgumentException(text + " is negative");
            }
            return Math.multiplyExact(value, factor);
        } catch (NumberFormatException | ArithmeticException wrong) {
            throw new IllegalArgumentException(text + " is not a number such as 64Ki or 1M", wrong);
        }
    }
}
