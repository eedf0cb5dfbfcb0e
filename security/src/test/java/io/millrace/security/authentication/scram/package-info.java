@NullMarked
package io.millrace.security.authentication.scram;

import org.jspecify.annotations.NullMarked;
