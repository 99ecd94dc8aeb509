return "from lib/init.lua"
