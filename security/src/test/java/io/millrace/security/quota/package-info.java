@NullMarked
package io.millrace.security.quota;

import org.jspecify.annotations.NullMarked;
