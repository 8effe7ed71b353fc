# From which commit this is built, as git says when CMake is run.

# The commit of `source` into `result`: -DHAGUARD_COMMIT=… where whoever builds knows better, as a
# package does whose source is a copy. A tree without git of its own may lie in one that is of
# another program: that one is not asked.
function(find_commit source result)
  set(commit "${HAGUARD_COMMIT}")
  find_package(Git QUIET)
  if(NOT commit AND GIT_FOUND AND EXISTS ${source}/.git)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${source} rev-parse --short=12 HEAD
      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${source} status --porcelain
      OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(commit AND changes)
      string(APPEND commit "+changes")
    endif()
  endif()
  if(NOT commit)
    set(commit "unknown")
  endif()
  set(${result} "${commit}" PARENT_SCOPE)
endfunction()
