-- Tables, strings, closures, metatables and numbers: what Lua programs are made of. One argument: how often.
local rounds = tonumber(arg and arg[1]) or 10

local Point = {}
Point.__index = Point
Point.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Point) end
function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
function Point:norm() return self.x * self.x + self.y * self.y end

local function words(seed, count)
  local list = {}
  for i = 1, count do
    seed = (seed * 1103515245 + 12345) % 2147483648
    list[i] = string.format("w%d-%x", seed % 977, seed // 4096 % 251)
  end
  return list
end

local function tally(list)
  local counts, order = {}, {}
  for _, word in ipairs(list) do
    if not counts[word] then order[#order + 1] = word end
    counts[word] = (counts[word] or 0) + 1
  end
  table.sort(order, function(a, b) return counts[a] == counts[b] and a < b or counts[a] > counts[b] end)
  return order, counts
end

local function queens(n)
  local columns, up, down, found = {}, {}, {}, 0
  local function place(row)
    if row > n then found = found + 1 return end
    for c = 1, n do
      if not columns[c] and not up[row + c] and not down[row - c] then
        columns[c], up[row + c], down[row - c] = true, true, true
        place(row + 1)
        columns[c], up[row + c], down[row - c] = nil, nil, nil
      end
    end
  end
  place(1)
  return found
end

local sum = 0
for round = 1, rounds do
  local order, counts = tally(words(round, 20000))
  local text = table.concat(order, " ", 1, 500)
  for a, b in text:gmatch("w(%d+)%-(%x+)") do sum = (sum + tonumber(a) * tonumber(b, 16)) % 1000000007 end
  sum = (sum + #text:gsub("w1", "<%0>") + counts[order[1]]) % 1000000007
  local total = Point.new(0, 0)
  for i = 1, 60000 do total = total + Point.new(i % 7, i % 11) end
  sum = (sum + total:norm() + queens(7)) % 1000000007
end
print(string.format("%d", sum))
